/**
 * Listens for QMQP in this process: one connection, one request, one reply. A process for each connection costs
 * tens of milliseconds in this runtime; this costs tens of microseconds.
 */
import { createServer, type Socket } from 'node:net';
import type { Intake } from '../queue/index.ts';
import { type Answer, printable } from '../system/index.ts';
import { createConnectionCount } from './connection-count.ts';
import type { ListenAddress } from './listen-address.ts';
import { plainAddress } from './peer.ts';
import { type Connection, startConnection } from './qmqp-connection.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';
import { qmqpSubmission } from './qmqp-submission.ts';

export interface QmqpListenerOptions extends ListenAddress {
  /** Where the messages go. */
  readonly intake: Intake;
  /** What the Received field calls this host; the address that the peer connected to when it is not given. */
  readonly localHost?: string | undefined;
  readonly limits?: QmqpServerLimits;
  /** Takes one line without its line end, for each request that was not accepted. */
  readonly log?: (line: string) => void;
}

export interface QmqpListener {
  /** With the port that the kernel gave. */
  readonly address: ListenAddress;
  /** Stops listening; resolves when the connections that had begun a request are done, or out of time. */
  close(graceMs?: number): Promise<void>;
}

const tooMany: Answer = { verdict: 'Z', text: 'too many connections (#4.3.2)' };
const shutdown: Answer = { verdict: 'Z', text: 'this server is shutting down (#4.3.2)' };

/** How long requests that have begun may take to arrive when the listener closes. */
const graceMsDefault = 10_000;

/** Connections that the kernel keeps until they are accepted. */
const backlog = 511;

/** How often the clock is looked at, unless a limit is shorter than that. */
const tickMsMax = 1000;
const tickMsMin = 10;

function tickMs(limits: QmqpServerLimits): number {
  const shortest = Math.min(limits.idleMs, limits.totalMs, limits.lingerMs);
  return Math.min(Math.max(shortest / 4, tickMsMin), tickMsMax);
}

/** Rejects when the address cannot be listened on. */
export function listenQmqp(options: QmqpListenerOptions): Promise<QmqpListener> {
  const { intake, localHost, limits = qmqpServerLimits, log = () => {} } = options;
  const count = createConnectionCount(limits);
  const connections = new Set<Connection>();
  let refusals = 0;
  let emptied: (() => void) | undefined;

  function accept(socket: Socket): void {
    const remoteIp = plainAddress(socket.remoteAddress);
    const counted = count.add(remoteIp);
    if (!counted && refusals >= limits.refusalsMax) {
      socket.destroy();
      return;
    }
    if (!counted) refusals += 1;
    const connection = startConnection(socket, {
      limits,
      monotonic: () => performance.now(),
      begin: () =>
        qmqpSubmission(
          intake,
          {
            remoteHost: 'unknown',
            remoteIp,
            localHost: localHost ?? plainAddress(socket.localAddress),
          },
          Date.now,
        ),
      onReply({ verdict, text }) {
        if (verdict !== 'K') log(`qmqpd: peer=${remoteIp} verdict=${verdict} text="${printable(text)}"`);
      },
      onClose() {
        if (counted) count.remove(remoteIp);
        else refusals -= 1;
        connections.delete(connection);
        if (connections.size === 0) emptied?.();
      },
    });
    connections.add(connection);
    if (!counted) connection.refuse(tooMany);
  }

  const server = createServer({ allowHalfOpen: true }, accept);

  function close(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const grace = setTimeout(() => {
        for (const connection of connections) connection.refuse(shutdown);
      }, graceMs);
      emptied = () => {
        clearTimeout(grace);
        clearInterval(clock);
        resolve();
      };
      server.close();
      for (const connection of connections) if (!connection.begun) connection.refuse(shutdown);
      if (connections.size === 0) emptied();
    });
  }

  const clock = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.tick(nowMs);
  }, tickMs(limits));

  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      clearInterval(clock);
      reject(error);
    });
    server.listen({ host: options.address, port: options.port, backlog, ipv6Only: false }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new Error('a TCP listener has no TCP address');
      resolve({
        address: { address: bound.address, port: bound.port },
        close: (graceMs = graceMsDefault) => close(graceMs),
      });
    });
  });
}
