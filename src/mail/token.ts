/**
 * Lexical tokens of a header field with addresses, as token822.c of qmail reads them; RFC 822 3.3 with the
 * leniency of its time:
 *
 *     word     = atom / quoted / literal / comment
 *     atom     = 1*( "\" any / any except blanks and ( [ " < > ; : @ , . )
 *     quoted   = <"> *( "\" any / any ) <">
 *     literal  = "[" *( "\" any / any ) "]"
 *     comment  = "(" *( "\" any / any / comment ) ")"
 *     special  = "." / "," / "@" / "<" / ">" / ":" / ";"
 *
 * A backslash is removed and the byte behind it stands for itself. The parentheses of inner comments are dropped.
 */
import type { ByteString } from '../system/index.ts';

export type WordKind = 'atom' | 'quoted' | 'literal' | 'comment';

export type Special = '.' | ',' | '@' | '<' | '>' | ':' | ';';

export interface Token {
  readonly kind: WordKind | Special;
  /** What a word says, without its delimiters and backslashes; of a special, the character. */
  readonly text: ByteString;
}

export function word(kind: WordKind, text: ByteString): Token {
  return { kind, text };
}

export function special(character: Special): Token {
  return { kind: character, text: character };
}

const specials = new Map<string, Token>(
  (['.', ',', '@', '<', '>', ':', ';'] as const).map((character) => [character, special(character)]),
);

const blanks = new Set(' \t\r\n');

const atomEnds = new Set([...blanks, ...specials.keys(), '(', '[', '"']);

interface Enclosure {
  readonly kind: WordKind;
  readonly close: string;
  readonly nests: boolean;
}

const enclosures = new Map<string, Enclosure>([
  ['"', { kind: 'quoted', close: '"', nests: false }],
  ['[', { kind: 'literal', close: ']', nests: false }],
  ['(', { kind: 'comment', close: ')', nests: true }],
]);

interface Read {
  readonly token: Token;
  /** Where the next token may begin. */
  readonly end: number;
}

/** A quoted string, literal or comment that opens at `start`; undefined when it never closes. */
function readEnclosed(text: ByteString, start: number, { kind, close, nests }: Enclosure): Read | undefined {
  const open = text.charAt(start);
  let content = '';
  let depth = 1;
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === close) {
      depth -= 1;
      if (depth === 0) return { token: word(kind, content), end: index + 1 };
    } else if (nests && character === open) {
      depth += 1;
    } else if (character === '\\') {
      index += 1;
      content += text.charAt(index);
    } else {
      content += character;
    }
  }
  return undefined;
}

const outsideAtoms = new Set([...atomEnds, ')', ']', '\\']);

/** Bytes that an atom may hold in the text but that must stand in quotes when it is written again. */
function needsQuotes(content: ByteString): boolean {
  for (let index = 0; index < content.length; index += 1) {
    const code = content.charCodeAt(index);
    if (code < 32 || code > 126 || outsideAtoms.has(content.charAt(index))) return true;
  }
  return false;
}

function readAtom(text: ByteString, start: number): Read {
  let content = '';
  let plainFrom = start;
  let index = start;
  do {
    if (text.charAt(index) === '\\') {
      content += text.slice(plainFrom, index);
      plainFrom = index + 1;
      index += 1;
    }
    index += 1;
  } while (index < text.length && !atomEnds.has(text.charAt(index)));
  content += text.slice(plainFrom, index);
  return { token: word(needsQuotes(content) ? 'quoted' : 'atom', content), end: index };
}

/** The tokens of a text, or undefined when something closes that never opened or opens and never closes. */
export function tokenise(text: ByteString): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text.charAt(index);
    const found = specials.get(character);
    if (found !== undefined) {
      tokens.push(found);
      index += 1;
    } else if (blanks.has(character)) {
      index += 1;
    } else {
      if (character === ')' || character === ']') return undefined;
      const enclosure = enclosures.get(character);
      const read = enclosure === undefined ? readAtom(text, index) : readEnclosed(text, index, enclosure);
      if (read === undefined) return undefined;
      tokens.push(read.token);
      index = read.end;
    }
  }
  return tokens;
}
