/** Where a TCP listener listens: an address, or a socket that somebody else has opened and that listens already. */
import type { Server } from 'node:net';
import type { ListenAddress } from './listen-address.ts';

/** A socket that somebody else has opened and that listens already. */
export interface ListenDescriptor {
  readonly descriptor: number;
}

export type ListenPlace = ListenAddress | ListenDescriptor;

/** Connections that the kernel keeps until they are accepted. */
const backlog = 511;

/** Resolves with the address, with the port that the kernel gave. Rejects when it cannot be listened on. */
export function listenOn(server: Server, place: ListenPlace): Promise<ListenAddress> {
  const where =
    'descriptor' in place
      ? { fd: place.descriptor }
      : { host: place.address, port: place.port, backlog, ipv6Only: false };
  return new Promise((resolve, reject) => {
    // It stays: one connection that cannot be accepted later ends nothing.
    server.on('error', reject);
    server.listen(where, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new Error('a TCP listener has no TCP address');
      resolve({ address: bound.address, port: bound.port });
    });
  });
}
