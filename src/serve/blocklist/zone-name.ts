/**
 * The name under which a list in DNS has an address (RFC 5782 2.1 and 2.4): its bytes, or the hexadecimal digits of an IPv6
 * address, the last one first, and the zone of the list.
 */
import { isIPv4 } from 'node:net';
import type { ByteString } from '../../system/index.ts';
import { parseIpv6 } from '../ipv6-address.ts';

const ipv6Digits = 32;

/** Undefined for what is no address. */
export function zoneName(ip: ByteString, zone: ByteString): ByteString | undefined {
  if (isIPv4(ip)) return [...ip.split('.').reverse(), zone].join('.');
  const value = parseIpv6(ip);
  if (value === undefined) return undefined;
  return [...[...value.toString(16).padStart(ipv6Digits, '0')].reverse(), zone].join('.');
}
