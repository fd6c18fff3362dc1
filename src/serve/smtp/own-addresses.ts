/** The addresses of this host's interfaces, as recipients may name them. */
import { networkInterfaces } from 'node:os';
import type { ByteString } from '../../system/index.ts';

/** In lower case, and without the zones of IPv6. */
export function ownAddresses(): ReadonlySet<ByteString> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => address.toLowerCase()));
}
