/**
 * SMTP commands (RFC 5321 4.1.1) as qmail-smtpd reads them:
 *
 *     command = verb [ 1*SP argument ]
 *
 * The verb ends at the first blank and has any case. What it may mean is decided where it is carried out.
 */
import { type ByteString, lowerAscii } from '../../system/index.ts';

export const smtpVerbs = [
  'auth',
  'data',
  'ehlo',
  'expn',
  'helo',
  'help',
  'mail',
  'noop',
  'quit',
  'rcpt',
  'rset',
  'starttls',
  'vrfy',
] as const;

export type SmtpVerb = (typeof smtpVerbs)[number];

export interface SmtpCommand {
  /** Undefined when there is no such command. */
  readonly verb: SmtpVerb | undefined;
  readonly argument: ByteString;
}

const verbs = new Map<string, SmtpVerb>(smtpVerbs.map((verb) => [verb, verb]));

export function parseCommand(line: ByteString): SmtpCommand {
  const space = line.indexOf(' ');
  const end = space < 0 ? line.length : space;
  let start = end;
  while (line.charAt(start) === ' ') start += 1;
  return { verb: verbs.get(lowerAscii(line.slice(0, end))), argument: line.slice(start) };
}
