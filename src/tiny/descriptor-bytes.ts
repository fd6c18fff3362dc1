/**
 * Bytes through descriptors that wait. One that was inherited may be in the mode that does not: EAGAIN then means to wait,
 * and EINTR means again.
 */
import type { Descriptor } from '../system/index.ts';
import { checked, failedWith } from './checked.ts';
import { type Host, pollFor } from './host.ts';

const noLimit = -1;

function again(host: Host, descriptor: Descriptor, what: number, answer: number): boolean {
  if (failedWith(host, answer, 'EAGAIN')) host.poll(descriptor, what, noLimit);
  else if (!failedWith(host, answer, 'EINTR')) return false;
  return true;
}

/** Below 0, the offset is the descriptor's position. */
export function readBytes(host: Host, descriptor: Descriptor, into: Uint8Array, offsetBytes: number): number {
  for (;;) {
    const answer = host.read(descriptor, into, offsetBytes);
    if (!again(host, descriptor, pollFor.input, answer))
      return checked(host, answer, 'read', `descriptor ${descriptor}`);
  }
}

/** Writes all of it. */
export function writeBytes(host: Host, descriptor: Descriptor, bytes: Uint8Array, offsetBytes: number): void {
  let done = 0;
  while (done < bytes.length) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    const answer = host.write(descriptor, rest, offsetBytes < 0 ? offsetBytes : offsetBytes + done);
    if (!again(host, descriptor, pollFor.output, answer))
      done += checked(host, answer, 'write', `descriptor ${descriptor}`);
  }
}
