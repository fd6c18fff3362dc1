/** Random bytes from the kernel. node:crypto would cost 7 ms of start-up for what one read gives. */
import { closeSync, openSync, readSync } from 'node:fs';

export function randomBytes(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const descriptor = openSync('/dev/urandom', 'r');
  try {
    let done = 0;
    while (done < sizeBytes) done += readSync(descriptor, bytes, done, sizeBytes - done, null);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
