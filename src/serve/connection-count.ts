/** How many connections there are, in all and from each peer. */

import { gauge } from '../process/index.ts';

const open = gauge('mini_qmail_connections', 'Connections of clients that are open, within the limits.');

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerPeerMax: number;
}

export interface ConnectionCount {
  /** Counts one more, unless that would exceed a limit. */
  add(peer: string): boolean;
  remove(peer: string): void;
  readonly connections: number;
}

export function createConnectionCount(limits: ConnectionLimits): ConnectionCount {
  const perPeer = new Map<string, number>();
  let connections = 0;
  return {
    add(peer) {
      const count = perPeer.get(peer) ?? 0;
      if (connections >= limits.connectionsMax || count >= limits.connectionsPerPeerMax) return false;
      connections += 1;
      open.add(1);
      perPeer.set(peer, count + 1);
      return true;
    },
    remove(peer) {
      const count = perPeer.get(peer);
      if (count === undefined) throw new Error(`no connection from ${peer} is counted`);
      connections -= 1;
      open.add(-1);
      if (count === 1) perPeer.delete(peer);
      else perPeer.set(peer, count - 1);
    },
    get connections() {
      return connections;
    },
  };
}
