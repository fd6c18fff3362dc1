/** Names and sockets on Node. The modules are loaded at first use: they cost milliseconds that not every run owes. */
import type { NetConnectOpts } from 'node:net';
import type { ByteString } from '../bytes.ts';
import type { Network, Stream } from '../system.ts';
import { SystemError } from '../system-error.ts';
import { createInbox, readInto } from './inbox.ts';
import { nativeText } from './paths.ts';
import { nodeStream } from './stream.ts';

async function resolve(name: ByteString): Promise<readonly ByteString[]> {
  const { isIP } = process.getBuiltinModule('node:net');
  if (isIP(name) !== 0) return [name];
  const { promises } = process.getBuiltinModule('node:dns');
  const found = await promises.lookup(name, { all: true, order: 'verbatim' });
  return found.map((entry) => entry.address);
}

function open(options: NetConnectOpts, peer: string, timeoutMs: number): Promise<Stream> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((fulfil, reject) => {
    const inbox = createInbox();
    const socket = connect({ ...options, onread: readInto(inbox) });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new SystemError('ETIMEDOUT', `${peer}: no connection after ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      fulfil(nodeStream(socket, peer, inbox));
    });
  });
}

export const nodeNetwork: Network = {
  resolve,
  connect: (address, port, timeoutMs) => open({ host: address, port }, `${address} port ${port}`, timeoutMs),
  connectSecure: async (peer, timeoutMs) => (await import('./secure.ts')).connectSecure(peer, timeoutMs),
  connectDatagram: async (address, port) => (await import('./datagram.ts')).connectDatagram(address, port),
  connectLocal: async (path, timeoutMs) => open({ path: nativeText(path) }, path, timeoutMs),
  connectProgram: async (peer) => (await import('./connect-program.ts')).connectProgram(peer),
  listenLocal: async (place) => (await import('./listen-local.ts')).listenLocal(place),
};
