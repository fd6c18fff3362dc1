/** Tokens back to text: a header field, folded behind commas. */
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
  let plainFrom = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (!escaped.has(text.charAt(index))) continue;
    result += `${text.slice(plainFrom, index)}\\`;
    plainFrom = index;
  }
  return result + text.slice(plainFrom);
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

/** A whole field with its newline. A line is folded behind a comma when what follows would make it too long. */
export function unparse(tokens: readonly Token[]): ByteString {
  let folded = '';
  let line: ByteString | undefined;
  /** What follows the last comma: it goes as a whole onto this line or onto the next. */
  let item = '';
  let previous: Token | undefined;

  function endItem(): void {
    if (line === undefined) {
      line = item;
    } else if (line.length + item.length + 2 <= lineBytesMax) {
      line += item;
    } else {
      folded += `${line}\n`;
      line = ` ${item}`;
    }
    item = '';
  }

  for (const token of tokens) {
    if (needsSpace(previous, token)) item += ' ';
    item += write(token);
    previous = token;
    if (token.kind === ',') endItem();
  }
  endItem();
  return `${folded}${line}\n`;
}
