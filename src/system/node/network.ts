/** Names and sockets on Node. The modules are loaded at first use: they cost milliseconds that not every run owes. */
import type { ByteString } from '../bytes.ts';
import type { Network } from '../system.ts';
import { openStream } from './open-stream.ts';
import { nativeText } from './paths.ts';

async function resolve(name: ByteString): Promise<readonly ByteString[]> {
  const { isIP } = process.getBuiltinModule('node:net');
  if (isIP(name) !== 0) return [name];
  const { promises } = process.getBuiltinModule('node:dns');
  const found = await promises.lookup(name, { all: true, order: 'verbatim' });
  return found.map((entry) => entry.address);
}

export const nodeNetwork: Network = {
  resolve,
  connect: (address, port, timeoutMs) =>
    openStream({ host: address, port }, `${address} port ${port}`, timeoutMs),
  connectSecure: async (peer, timeoutMs) => (await import('./secure.ts')).connectSecure(peer, timeoutMs),
  connectDatagram: async (address, port) => (await import('./datagram.ts')).connectDatagram(address, port),
  connectLocal: async (path, timeoutMs) => openStream({ path: nativeText(path) }, path, timeoutMs),
  connectProgram: async (peer) => (await import('./connect-program.ts')).connectProgram(peer),
  listenLocal: async (place) => (await import('./listen-local.ts')).listenLocal(place),
};
