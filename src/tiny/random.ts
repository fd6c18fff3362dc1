/** Random bytes from the kernel: by its call, or from its file where the kernel is too old for that. */
import { checked, failedWith } from './checked.ts';
import { readBytes } from './descriptor-bytes.ts';
import { type Host, openHow } from './host.ts';

const source = '/dev/urandom';

/** What the call gives at once. */
const callBytesMax = 256;

function readSource(host: Host, into: Uint8Array): void {
  const descriptor = checked(host, host.open(source, openHow.read, 0), 'open', source);
  let done = 0;
  while (done < into.length) done += readBytes(host, descriptor, into.subarray(done), -1);
  host.close(descriptor);
}

export function randomBytes(host: Host, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let done = 0; done < sizeBytes; done += callBytesMax) {
    const piece = bytes.subarray(done, done + callBytesMax);
    const answer = host.random(piece);
    if (failedWith(host, answer, 'ENOSYS')) readSource(host, piece);
    else checked(host, answer, 'getentropy', 'the kernel');
  }
  return bytes;
}
