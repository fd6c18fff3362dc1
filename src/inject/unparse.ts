/** Tokens back to text: as a header field, folded behind commas, or as the bare address that an envelope carries. */
import type { ByteString } from '../system/index.ts';
import type { Token } from './token.ts';

/** How long a line may become before a field is folded, with the two bytes that a fold adds. */
const lineBytesMax = 80;

const escaped = new Set('"[]()\\\r\n');

const words = new Set<Token['kind']>(['atom', 'quoted', 'literal', 'comment']);

function needsSpace(previous: Token | undefined, next: Token): boolean {
  if (previous === undefined) return false;
  if (previous.kind === ':' || previous.kind === ',' || next.kind === '<') return true;
  return words.has(previous.kind) && words.has(next.kind);
}

function withBackslashes(text: ByteString): ByteString {
  let result = '';
  for (const character of text) result += escaped.has(character) ? `\\${character}` : character;
  return result;
}

function write(token: Token): ByteString {
  switch (token.kind) {
    case 'atom':
      return withBackslashes(token.text);
    case 'quoted':
      return `"${withBackslashes(token.text)}"`;
    case 'literal':
      return `[${withBackslashes(token.text)}]`;
    case 'comment':
      return `(${withBackslashes(token.text)})`;
    default:
      return token.text;
  }
}

/** The texts between folding places: each but the last ends with its comma. */
function itemsOf(tokens: readonly Token[]): readonly ByteString[] {
  const items: ByteString[] = [];
  let item = '';
  let previous: Token | undefined;
  for (const token of tokens) {
    if (needsSpace(previous, token)) item += ' ';
    item += write(token);
    previous = token;
    if (token.kind === ',') {
      items.push(item);
      item = '';
    }
  }
  return [...items, item];
}

/** A whole field with its newline. A line is folded behind a comma when what follows would make it too long. */
export function unparse(tokens: readonly Token[]): ByteString {
  const [first = '', ...rest] = itemsOf(tokens);
  let folded = '';
  let line = first;
  for (const item of rest) {
    if (line.length + item.length + 2 <= lineBytesMax) {
      line += item;
    } else {
      folded += `${line}\n`;
      line = ` ${item}`;
    }
  }
  return `${folded}${line}\n`;
}

/** An address without quotes, backslashes and comments: box@host in raw bytes. */
export function addressText(tokens: readonly Token[]): ByteString {
  let text = '';
  for (const { kind, text: said } of tokens) {
    if (kind === 'literal') text += `[${said}]`;
    else if (kind !== 'comment') text += said;
  }
  return text;
}
