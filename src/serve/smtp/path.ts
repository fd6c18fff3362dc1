/**
 * The argument of MAIL and RCPT, as leniently as qmail-smtpd reads it (RFC 5321 4.1.1.2 and 4.1.1.3):
 *
 *     argument = ( "FROM:" / "TO:" ) ( "<" [ route ] address ">" / *SP address ) [ 1*SP parameters ]
 *     route    = "@" *( any but ":" ) ":"
 *
 * A route is dropped; so are quotes and backslashes, which protect what is between or behind them. An address whose
 * bracket never closes reaches to the end.
 */
import type { ByteString } from '../../system/index.ts';
import { isControl } from './is-control.ts';

export interface SmtpPath {
  readonly address: ByteString;
  /** What follows the address. */
  readonly parameters: ByteString;
}

/** Bytes of an address, as in qmail-smtpd. */
export const smtpAddressBytesMax = 899;

function skipRoute(text: ByteString, start: number): number {
  if (text.charAt(start) !== '@') return start;
  const colon = text.indexOf(':', start);
  return colon < 0 ? text.length : colon + 1;
}

function skipSpaces(text: ByteString, start: number): number {
  let index = start;
  while (text.charAt(index) === ' ') index += 1;
  return index;
}

/** Undefined when the address is too long, or has a control character in it. */
export function parsePath(argument: ByteString): SmtpPath | undefined {
  const bracket = argument.indexOf('<');
  const terminator = bracket < 0 ? ' ' : '>';
  // Without a colon either there is no address.
  const colon = argument.indexOf(':');
  const begin = colon < 0 ? argument.length : skipSpaces(argument, colon + 1);
  let index = skipRoute(argument, bracket < 0 ? begin : bracket + 1);
  let address = '';
  let quoted = false;
  for (; index < argument.length; index += 1) {
    const character = argument.charAt(index);
    if (character === terminator && !quoted) break;
    if (character === '"') {
      quoted = !quoted;
    } else if (character === '\\') {
      index += 1;
      address += argument.charAt(index);
    } else {
      address += character;
    }
  }
  if (address.length > smtpAddressBytesMax || isControl(address)) return undefined;
  // What adheres to the bracket is passed over.
  const space = argument.indexOf(' ', index);
  return { address, parameters: space < 0 ? '' : argument.slice(space) };
}
