/** Names and sockets through the host. There is no TLS, and nothing listens. */
import { type Network, SystemError } from '../system/index.ts';
import { connectProgram } from './connect-program.ts';
import { tinyDatagramSocket } from './datagram.ts';
import type { Host } from './host.ts';
import { connected } from './socket.ts';
import { tinyStream } from './stream.ts';
import type { Waits } from './waits.ts';

/** Who finds addresses of names. */
export type Resolve = Network['resolve'];

export function tinyNetwork(host: Host, waits: Waits, resolve: Resolve): Network {
  return {
    resolve,
    async connect(address, port, timeoutMs) {
      const connect = (descriptor: number) => host.connect(descriptor, address, port);
      const peer = `${address}:${port}`;
      const socket = await connected(host, waits, host.socket(address, false), connect, peer, timeoutMs);
      return tinyStream(host, waits, socket, `${address} port ${port}`);
    },
    async connectLocal(path, timeoutMs) {
      const connect = (descriptor: number) => host.connectLocal(descriptor, path);
      const socket = await connected(host, waits, host.localSocket(), connect, path, timeoutMs);
      return tinyStream(host, waits, socket, path);
    },
    async connectDatagram(address, port) {
      const connect = (descriptor: number) => host.connect(descriptor, address, port);
      const peer = `${address}:${port}`;
      const socket = await connected(host, waits, host.socket(address, true), connect, peer, 0);
      return tinyDatagramSocket(host, waits, socket, peer);
    },
    connectProgram: async (peer) => connectProgram(host, waits, peer),
    async listenLocal() {
      throw new SystemError('ENOSYS', 'this executable does not listen');
    },
  };
}
