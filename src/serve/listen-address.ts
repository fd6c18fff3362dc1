/**
 * Where a listener listens, as an operator writes it:
 *
 *     where = ( ipv4 / "[" ipv6 "]" / "0" ) ":" port
 *
 * Port 0 asks the kernel for a free one. 0 in place of the address means every IPv4 address, as for tcpserver.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** One where QMQP is spoken, in TLS or not. */
export interface QmqpAddress extends ListenAddress {
  readonly secure?: boolean;
}

/** One where another service is to be had: its name is that of its port in services(5), as smtp and smtps. */
export interface ServiceAddress extends ListenAddress {
  readonly service: string;
}

const portMax = 65535;
const portDigitsMax = 5;

function parsePort(text: string): number | undefined {
  const digits =
    text !== '' && text.length <= portDigitsMax && [...text].every((digit) => '0123456789'.includes(digit));
  return digits && Number(text) <= portMax ? Number(text) : undefined;
}

/** Undefined when the text is no such address. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const colon = text.lastIndexOf(':');
  const port = parsePort(text.slice(colon + 1));
  if (colon < 0 || port === undefined) return undefined;
  const host = text.slice(0, colon);
  if (host === '0') return { address: '0.0.0.0', port };
  if (isIPv4(host)) return { address: host, port };
  const address = host.slice(1, -1);
  return host.startsWith('[') && host.endsWith(']') && isIPv6(address) ? { address, port } : undefined;
}

/** The protocol and where: `qmqp 127.0.0.1:628`, `qmqps [::]:6280`. */
export function qmqpAddressText(where: QmqpAddress): string {
  return `${where.secure ? 'qmqps' : 'qmqp'} ${listenAddressText(where)}`;
}

/** `smtp 127.0.0.1:25` */
export function serviceAddressText(where: ServiceAddress): string {
  return `${where.service} ${listenAddressText(where)}`;
}

export function listenAddressText({ address, port }: ListenAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
