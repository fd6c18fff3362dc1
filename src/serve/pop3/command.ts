/**
 * A command of POP3 (RFC 1939 3):
 *
 *     command = keyword [ SP argument ]          keyword: letters, of which the case means nothing
 */
import { type ByteString, lowerAscii } from '../../system/index.ts';

export interface Pop3Command {
  /** In small letters. */
  readonly keyword: ByteString;
  /** With all of its blanks but those that lead it; empty when there is none. */
  readonly argument: ByteString;
}

export function parseCommand(line: ByteString): Pop3Command {
  const blank = line.indexOf(' ');
  if (blank < 0) return { keyword: lowerAscii(line), argument: '' };
  let start = blank;
  while (line.charAt(start) === ' ') start += 1;
  return { keyword: lowerAscii(line.slice(0, blank)), argument: line.slice(start) };
}

const numberMax = 0xffff_ffff;

/** Digits and nothing else; undefined for all other text, and for what no message could have. */
export function parseNumber(text: ByteString): number | undefined {
  if (text === '' || text.length > 10) return undefined;
  for (const char of text) if (char < '0' || char > '9') return undefined;
  const value = Number(text);
  return value <= numberMax ? value : undefined;
}
