/**
 * IPv6 addresses as numbers, for comparing them whole or by their first bits. RFC 4291, section 2.2:
 *
 *     eight groups of up to four hexadecimal digits; "::" once for groups of zeros; an IPv4 address as the last two
 */
import { isIPv6 } from 'node:net';

const groups = 8;
const groupBits = 16n;

export const ipv6Bits = 128;

function groupsOf(part: string): readonly bigint[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [BigInt(a * 256 + b), BigInt(c * 256 + d)];
  });
}

/** Undefined when the text is no IPv6 address. The name of an interface behind it (fe80::1%eth0) is left out. */
export function parseIpv6(text: string): bigint | undefined {
  if (!isIPv6(text)) return undefined;
  const [address = ''] = text.split('%');
  const [head = '', tail] = address.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<bigint>(groups - first.length - last.length).fill(0n);
  return [...first, ...zeros, ...last].reduce((value, group) => (value << groupBits) | group, 0n);
}

/** The first bits of an address, as a number. */
export function ipv6Prefix(address: bigint, bits: number): bigint {
  return address >> BigInt(ipv6Bits - bits);
}
