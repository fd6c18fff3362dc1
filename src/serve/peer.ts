/** Who is at the other end of a connection, as the Received field names it. */
import type { ReceivedFrom } from '../mail/index.ts';
import type { ByteString, System } from '../system/index.ts';

export type Peer = Pick<ReceivedFrom, 'remoteHost' | 'remoteIp' | 'remoteInfo' | 'localHost'>;

const unknown = 'unknown';

/** The peer that tcpserver, inetd's tcp-env and their like describe (tcp-environ(5)). */
export function environmentPeer(system: System): Peer {
  return {
    remoteHost: system.env('TCPREMOTEHOST') ?? unknown,
    remoteInfo: system.env('TCPREMOTEINFO'),
    remoteIp: system.env('TCPREMOTEIP') ?? unknown,
    localHost: system.env('TCPLOCALHOST') ?? system.env('TCPLOCALIP') ?? unknown,
  };
}

const mappedPrefix = '::ffff:';

/** An IPv4 peer of a socket that listens on IPv6 shows as ::ffff:192.0.2.1; it is 192.0.2.1 to everybody else. */
export function plainAddress(address: ByteString | undefined): ByteString {
  if (address === undefined) return unknown;
  return address.startsWith(mappedPrefix) && address.includes('.')
    ? address.slice(mappedPrefix.length)
    : address;
}
