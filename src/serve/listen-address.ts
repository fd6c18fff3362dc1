/**
 * Where a listener listens, as an operator writes it:
 *
 *     where = ( ipv4 / "[" ipv6 "]" ) ":" port
 *
 * Port 0 asks the kernel for a free one. 0 in place of the address means every address, as for tcpserver.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

const portMax = 65535;

/** Undefined when the text is no such address. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const found = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (found === null) return undefined;
  const [, ipv6, ipv4, digits] = found;
  const port = Number(digits);
  if (port > portMax) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { address: ipv6, port } : undefined;
  if (ipv4 === '0') return { address: '0.0.0.0', port };
  return ipv4 !== undefined && isIPv4(ipv4) ? { address: ipv4, port } : undefined;
}

export function listenAddressText({ address, port }: ListenAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
