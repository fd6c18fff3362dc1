/**
 * What a delivery reports. The texts are lines that end with LF, as qmail-local prints them: qmail-send logs them and
 * a bounce quotes them. The numbers in parentheses are enhanced status codes (RFC 3463).
 */
import { getSystemErrorMessage } from 'node:util';
import { type Answer, errorText } from '../system/index.ts';

export function deferral(text: string): Answer {
  return { verdict: 'Z', text: `${text}\n` };
}

export function rejection(text: string): Answer {
  return { verdict: 'D', text: `${text}\n` };
}

/** `did 1+0+0`: how many files, forwards and programs a message went to. */
export function success(files: number, forwards: number, programs: number): Answer {
  return { verdict: 'K', text: `did ${files}+${forwards}+${programs}\n` };
}

/** Why a call failed, in the C library's words and without the path, which the caller names as the user wrote it. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') {
    return getSystemErrorMessage(error.errno);
  }
  return errorText(error);
}
