/** Which addresses are this host's: mail for them must not leave it only to come back. */
import { networkInterfaces } from 'node:os';
import { lowerAscii } from '../system/index.ts';
import type { RemoteSettings } from './settings.ts';

/** Addresses that mean this host wherever they are said. */
const everywhere = ['0.0.0.0', '::', '127.0.0.1', '::1'];

/** IPv4 within IPv6 (RFC 4291 2.5.5.2) is IPv4. */
function plain(address: string): string {
  const small = lowerAscii(address);
  return small.startsWith('::ffff:') && small.includes('.') ? small.slice('::ffff:'.length) : small;
}

export function ownAddresses({
  moreOwnAddresses,
  notOwnAddresses,
}: Pick<RemoteSettings, 'moreOwnAddresses' | 'notOwnAddresses'>): (address: string) => boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = new Set(
    [...everywhere, ...interfaces.map(({ address }) => address), ...moreOwnAddresses].map(plain),
  );
  for (const address of notOwnAddresses) own.delete(plain(address));
  return (address) => own.has(plain(address));
}
