/** From the numbers of a call to the contract's errors. */
import { SystemError } from '../system/index.ts';
import type { Host } from './host.ts';

/** The error of a call that answered -number: `ENOENT: no such file or directory, open 'PATH'`. */
export function failureOf(host: Host, number: number, what: string): SystemError {
  const code = host.errorName(number) || `E${number}`;
  const text = host.errorText(number);
  return new SystemError(code, `${code}: ${text.charAt(0).toLowerCase()}${text.slice(1)}, ${what}`);
}

/** What a call answered, unless that is an error. */
export function checked(host: Host, answer: number, call: string, path: string): number {
  if (answer < 0) throw failureOf(host, -answer, `${call} '${path}'`);
  return answer;
}

/** Whether a call failed for this reason. */
export function failedWith(host: Host, answer: number, ...codes: readonly string[]): boolean {
  return answer < 0 && codes.includes(host.errorName(-answer));
}
