/** The contract's Stream over a socket that never waits by itself. */
import { type Descriptor, type Stream, SystemError } from '../system/index.ts';
import { failedWith, failureOf } from './checked.ts';
import { type Host, pollFor } from './host.ts';
import { receive } from './socket.ts';
import type { Waits } from './waits.ts';

export function tinyStream(host: Host, waits: Waits, descriptor: Descriptor, peer: string): Stream {
  let isOpen = true;
  return {
    async read(timeoutMs) {
      const bytes = await receive(host, waits, descriptor, peer, timeoutMs);
      if (bytes === undefined)
        throw new SystemError('ETIMEDOUT', `${peer}: nothing received for ${timeoutMs} ms`);
      return bytes.length === 0 ? undefined : bytes;
    },
    async write(bytes, timeoutMs) {
      let done = 0;
      const endMs = host.monotonic() + timeoutMs;
      while (done < bytes.length) {
        const answer = host.write(descriptor, done === 0 ? bytes : bytes.subarray(done), -1);
        if (answer >= 0) done += answer;
        else if (!failedWith(host, answer, 'EAGAIN', 'EINTR'))
          throw failureOf(host, -answer, `write ${peer}`);
        else if (!(await waits.until(descriptor, pollFor.output, endMs)))
          throw new SystemError('ETIMEDOUT', `${peer}: nothing sent for ${timeoutMs} ms`);
      }
    },
    close() {
      if (isOpen) host.close(descriptor);
      isOpen = false;
    },
  };
}
