/**
 * Which addresses are this host's: mail for them must not leave it only to come back. An address is the same however it
 * is written, and IPv4 within IPv6 (RFC 4291 2.5.5.2) is IPv4.
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { RemoteSettings } from './settings.ts';

/** What is no address is none of them. */
function addressSet(addresses: readonly string[]): BlockList {
  const set = new BlockList();
  for (const address of addresses) {
    const version = isIP(address);
    if (version !== 0) set.addAddress(address, version === 6 ? 'ipv6' : 'ipv4');
  }
  return set;
}

/** Addresses that mean this host wherever they are said (RFC 1122 3.2.1.3, RFC 4291 2.5.2, 2.5.3). */
const everywhere = addressSet(['::', '::1']);
everywhere.addSubnet('0.0.0.0', 8);
everywhere.addSubnet('127.0.0.0', 8);

export function ownAddresses({
  moreOwnAddresses,
  notOwnAddresses,
}: Pick<RemoteSettings, 'moreOwnAddresses' | 'notOwnAddresses'>): (address: string) => boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = addressSet([...interfaces.map(({ address }) => address), ...moreOwnAddresses]);
  const notOwn = addressSet(notOwnAddresses);
  return (address) => {
    const version = isIP(address);
    if (version === 0) return false;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    return (
      (everywhere.check(address, family) || own.check(address, family)) && !notOwn.check(address, family)
    );
  };
}
