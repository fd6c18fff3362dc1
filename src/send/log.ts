/** The lines of qmail-log(5), which existing analysers read. */
import type { Answer, ByteString } from '../system/index.ts';

/** Takes one line without its line end. */
export type Log = (line: string) => void;

/** A report on one line: LF becomes '/', and what is not printable ASCII, or is a '%', becomes '_'. */
export function reportText(text: ByteString): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 10) result += '/';
    else result += code < 33 || code > 126 || code === 37 ? '_' : text.charAt(index);
  }
  return result;
}

/** An address in a log line: a peer chose it, so it may hold no space, line end or control character. */
export function addressText(address: ByteString): string {
  let result = '';
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    result += code < 33 || code > 126 ? '_' : address.charAt(index);
  }
  return result;
}

const outcomes = { K: 'success', Z: 'deferral', D: 'failure' } as const;

export function deliveryLine(delivery: number, answer: Answer): string {
  return `delivery ${delivery}: ${outcomes[answer.verdict]}: ${reportText(answer.text)}`;
}
