/**
 * What a delivery reports. The texts are lines that end with LF, as qmail-local prints them: qmail-send logs them and
 * a bounce quotes them. The numbers in parentheses are enhanced status codes (RFC 3463).
 */
import { getSystemErrorMessage } from 'node:util';
import { type Answer, type ByteString, errorText } from '../system/index.ts';

/** Bytes of a report, as qmail-lspawn limits them. */
export const reportBytesMax = 3000;

const tooLong = '\nError report too long, sorry.\n';

export function deferral(text: string): Answer {
  return { verdict: 'Z', text: `${text}\n` };
}

export function rejection(text: string): Answer {
  return { verdict: 'D', text: `${text}\n` };
}

/**
 * `did 1+0+0`: how many files, forwards and programs a message went to. `qp 7`: the number under which the queue took
 * what was forwarded.
 */
export function success(files: number, forwards: number, programs: number, qp?: ByteString): Answer {
  const queued = qp === undefined ? '' : `qp ${qp}\n`;
  return { verdict: 'K', text: `did ${files}+${forwards}+${programs}\n${queued}` };
}

/**
 * An answer with what programs printed in front of it. A NUL ends that, as in qmail; of more than the limit the end is
 * left out, and the answer's own text stays.
 */
export function withOutput(output: ByteString, answer: Answer): Answer {
  const end = output.indexOf('\0');
  const printed = end < 0 ? output : output.slice(0, end);
  if (printed === '') return answer;
  const room = reportBytesMax - answer.text.length;
  if (printed.length <= room) {
    const separator = printed.endsWith('\n') || answer.text === '' || printed.length === room ? '' : '\n';
    return { verdict: answer.verdict, text: `${printed}${separator}${answer.text}` };
  }
  const kept = printed.slice(0, Math.max(0, room - tooLong.length));
  return { verdict: answer.verdict, text: `${kept}${tooLong}${answer.text}` };
}

/** Why a call failed, in the C library's words and without the path, which the caller names as the user wrote it. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') {
    return getSystemErrorMessage(error.errno);
  }
  return errorText(error);
}
