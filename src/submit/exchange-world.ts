/** What a session with a hub needs of this host: its network, a clock, and for hubs in TLS its key or its tunnel, read when they ask. */
import type { ExchangeWorld } from '../../qmqp/index.ts';
import { homeDirectory, readWhole } from '../control/index.ts';
import type { ByteString, System } from '../system/index.ts';
import { openTunnel } from './tunnel.ts';

/** The control file that holds this host's private key and certificate. */
export const keyFile = 'qmqpskey';

export function keyPath(system: System): ByteString {
  return `${homeDirectory(system)}/control/${keyFile}`;
}

export function exchangeWorld(system: System): ExchangeWorld {
  return {
    network: system.network,
    monotonic: system.monotonic,
    identity() {
      const identity = readWhole(system, keyPath(system));
      if (identity === undefined)
        throw new Error(`control/${keyFile} is missing: qmail-enroll makes this host's key`);
      return identity;
    },
    tunnel: (end) => openTunnel(system, end),
  };
}
