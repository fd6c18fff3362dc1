/** Names and sockets through the host. There is no TLS, and nothing listens. */
import { type Network, SystemError } from '../system/index.ts';
import { connectProgram } from './connect-program.ts';
import { tinyDatagramSocket } from './datagram.ts';
import type { Host } from './host.ts';
import { connected } from './socket.ts';
import { tinyStream } from './stream.ts';

/** Who finds addresses of names. */
export type Resolve = Network['resolve'];

export function tinyNetwork(host: Host, resolve: Resolve): Network {
  return {
    resolve,
    async connect(address, port, timeoutMs) {
      const connect = (descriptor: number) => host.connect(descriptor, address, port);
      const peer = `${address}:${port}`;
      const socket = connected(host, host.socket(address, false), connect, peer, timeoutMs);
      return tinyStream(host, socket, `${address} port ${port}`);
    },
    async connectLocal(path, timeoutMs) {
      const connect = (descriptor: number) => host.connectLocal(descriptor, path);
      return tinyStream(host, connected(host, host.localSocket(), connect, path, timeoutMs), path);
    },
    async connectDatagram(address, port) {
      const connect = (descriptor: number) => host.connect(descriptor, address, port);
      const peer = `${address}:${port}`;
      return tinyDatagramSocket(host, connected(host, host.socket(address, true), connect, peer, 0), peer);
    },
    connectProgram: async (peer) => connectProgram(host, peer),
    async listenLocal() {
      throw new SystemError('ENOSYS', 'this executable does not listen');
    },
  };
}
