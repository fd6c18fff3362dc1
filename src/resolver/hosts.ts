/**
 * Addresses of a name by /etc/hosts, hosts(5):
 *
 *     line = address 1*( blank name ) [ "#" comment ]
 */
import { type ByteString, lowerAscii, parseIpv4, parseIpv6 } from '../system/index.ts';

/** Addresses of one name that are kept. */
const addressesMax = 16;

/** In the order of the lines. */
export function addressesByHosts(lines: Iterable<ByteString>, name: ByteString): readonly ByteString[] {
  const sought = lowerAscii(name);
  const addresses: ByteString[] = [];
  for (const line of lines) {
    const folded = lowerAscii(line);
    // Hardly any line of a long file has it.
    if (!folded.includes(sought)) continue;
    const comment = folded.indexOf('#');
    const [address = '', ...names] = (comment < 0 ? folded : folded.slice(0, comment))
      .replaceAll('\t', ' ')
      .replaceAll('\r', ' ')
      .split(' ')
      .filter((word) => word !== '');
    if (!names.includes(sought)) continue;
    const found = parseIpv4(address) ?? parseIpv6(address);
    if (found !== undefined && addresses.length < addressesMax && !addresses.includes(found))
      addresses.push(found);
  }
  return addresses;
}
