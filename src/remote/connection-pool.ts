/** Connections that have nothing to do and are kept for the next message to the same destination. */
import type { Connection } from './transport.ts';

/** Connections kept in all. The one that has been idle for the longest time makes room. */
export const keptMax = 100;

interface Kept {
  readonly destination: string;
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

export interface ConnectionPool {
  /** One that takes a message, as far as is known: the one that was used last. */
  take(destination: string): Connection | undefined;
  /** Keeps it for so long. */
  keep(destination: string, connection: Connection, idleMs: number): void;
  readonly size: number;
  close(): void;
}

export function createConnectionPool(sizeMax: number = keptMax): ConnectionPool {
  /** Those that were kept first stand first. */
  let all: Kept[] = [];

  function remove(kept: Kept): void {
    clearTimeout(kept.timer);
    all = all.filter((one) => one !== kept);
  }

  function drop(kept: Kept): void {
    remove(kept);
    kept.connection.close();
  }

  return {
    take(destination) {
      for (;;) {
        const kept = all.findLast((one) => one.destination === destination);
        if (kept === undefined) return undefined;
        if (kept.connection.isOpen) {
          remove(kept);
          return kept.connection;
        }
        drop(kept);
      }
    },
    keep(destination, connection, idleMs) {
      const [oldest] = all;
      if (oldest !== undefined && all.length >= sizeMax) drop(oldest);
      const timer = setTimeout(() => drop(kept), idleMs);
      const kept: Kept = { destination, connection, timer };
      all.push(kept);
    },
    get size() {
      return all.length;
    },
    close() {
      for (const kept of all) drop(kept);
    },
  };
}
