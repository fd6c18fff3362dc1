/** The contract's DatagramSocket over a socket that never waits by itself. */
import { type DatagramSocket, type Descriptor, SystemError } from '../system/index.ts';
import { checked } from './checked.ts';
import type { Host } from './host.ts';
import { receive } from './socket.ts';
import type { Waits } from './waits.ts';

const datagramBytesMax = 4096;

export function tinyDatagramSocket(
  host: Host,
  waits: Waits,
  descriptor: Descriptor,
  peer: string,
): DatagramSocket {
  let isOpen = true;
  return {
    async send(bytes) {
      checked(host, host.write(descriptor, bytes, -1), 'send', peer);
    },
    async receive(timeoutMs) {
      const bytes = await receive(host, waits, descriptor, peer, timeoutMs);
      if (bytes === undefined)
        throw new SystemError('ETIMEDOUT', `${peer}: nothing received for ${timeoutMs} ms`);
      return bytes.subarray(0, datagramBytesMax);
    },
    close() {
      if (isOpen) host.close(descriptor);
      isOpen = false;
    },
  };
}
