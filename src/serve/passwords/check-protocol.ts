/**
 * What a network server of this host and qmail-pspawn say to one another, so that the server need not be root to have a
 * password checked (frame-link.ts, with fields in it):
 *
 *     server:        check(number, login address)   open(number, login address token)   kill(number)
 *     qmail-pspawn:  ended(number, text)            of what ran: its exit code in decimal digits, or what else ended it
 *
 * `open` runs the program for sessions behind the login. Its descriptors 0 and 1 are a connection that qmail-pspawn makes
 * to the server's socket, and on which it says the token and a line end before anything else: 32 hexadecimal digits that
 * only the two of them know.
 */
import { randomBytes } from 'node:crypto';

export const checkFrame = { check: 1, open: 2, kill: 3, ended: 4 } as const;

/** More than any frame of the two holds. */
export const checkFrameBytesMax = 2000;

const tokenBytes = 16;

export const tokenLength: number = 2 * tokenBytes;

export function newToken(): string {
  return randomBytes(tokenBytes).toString('hex');
}

export function isToken(text: string): boolean {
  return text.length === tokenLength && [...text].every((char) => '0123456789abcdef'.includes(char));
}

/** What became of a program: its exit code, or a text that says what else ended it. */
export function parseEnd(text: string): number | string {
  const isCode = text !== '' && text.length <= 3 && [...text].every((char) => '0123456789'.includes(char));
  return isCode ? Number(text) : text;
}
