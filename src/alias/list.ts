/**
 * Binary lists: what setmaillist makes of lines, and printmaillist makes lines of.
 *
 *     line   = ( [ "&" ] address / "/" list / "./" list / "#" any ) *( blank )
 *     entry  = ( "&" address / "/" list / "./" list ) NUL
 */
import type { ByteString } from '../system/index.ts';
import { addressCommandBytesEnd } from './commands.ts';
import { aliasLimits } from './limits.ts';
import type { Line } from './lines.ts';
import { AliasProblem } from './problem.ts';

const { addressBytesMax } = aliasLimits;

function withoutTrailingBlanks(text: ByteString): ByteString {
  let end = text.length;
  while (end > 0 && ' \t\n'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isList(text: ByteString): boolean {
  return text.startsWith('.') || text.startsWith('/');
}

/** The entries of a list's lines, each with its NUL. */
export function* listEntries(lines: Iterable<Line>): Generator<ByteString, undefined> {
  for (const line of lines) {
    const text = withoutTrailingBlanks(line.text);
    if (text.includes('\0')) throw new AliasProblem('Z', 'NUL in input');
    if (text === '' || text.startsWith('#')) continue;
    if (isList(text)) {
      yield `${text}\0`;
      continue;
    }
    if (text.length > addressBytesMax) {
      throw new AliasProblem('Z', `addresses must be under ${addressBytesMax} bytes`);
    }
    yield text.startsWith('&') ? `${text}\0` : `&${text}\0`;
  }
}

/** The lines of a list's entries. */
export function* listLines(entries: Iterable<Line>): Generator<ByteString, undefined> {
  for (const { text, ended } of entries) {
    const isAddress = text.startsWith('&') && text.length < addressCommandBytesEnd;
    if (!ended || text.includes('\n') || !(isList(text) || isAddress)) {
      throw new AliasProblem('D', 'bad mailing list format');
    }
    yield `${text}\n`;
  }
}
