/**
 * Accepts QMQP connections in this process: one connection, one request, one reply. A process for each connection
 * costs tens of milliseconds in this runtime; this costs tens of microseconds.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Submission } from '../../qmqp/index.ts';
import { counter, counters } from '../process/index.ts';
import { type Answer, printable, verdicts } from '../system/index.ts';
import { createConnectionCount } from './connection-count.ts';
import { type Connection, startConnection } from './qmqp-connection.ts';
import type { QmqpServerLimits } from './qmqp-limits.ts';

const replies = counters('mini_qmail_requests_total', 'QMQP requests that were answered, by the answer.', {
  verdict: verdicts,
});
const unanswered = counter(
  'mini_qmail_connections_dropped_total',
  'Connections that were closed without an answer: over the limits, or more at once that are not allowed.',
);

export interface QmqpAcceptorOptions {
  readonly limits: QmqpServerLimits;
  /** What connections are counted by, and what the log calls the peer. */
  peerOf(socket: Socket): string;
  /** What a peer is told that may not connect. Without it everybody may. */
  refusal?(peer: string, socket: Socket): Answer | undefined;
  /** Called for each connection that may begin; answers what begins its submission. */
  greet(socket: Socket, peer: string): () => Submission;
  /** Takes one line without its line end, for each request that was not accepted. */
  readonly log: (line: string) => void;
}

export interface QmqpAcceptor {
  /** To be told where to listen. */
  readonly server: Server;
  /** Takes a connection that another listener has accepted, as `server` takes its own. */
  accept(socket: Socket): void;
  /** Stops listening; resolves when the connections that had begun a request are done, or out of time. */
  close(graceMs?: number): Promise<void>;
}

const tooMany: Answer = { verdict: 'Z', text: 'too many connections (#4.3.2)' };
const shutdown: Answer = { verdict: 'Z', text: 'this server is shutting down (#4.3.2)' };

/** How long requests that have begun may take to arrive when the listener closes. */
const graceMsDefault = 10_000;

/** How often the clock is looked at, unless a limit is shorter than that. */
const tickMsMax = 1000;
const tickMsMin = 10;

function tickMs(limits: QmqpServerLimits): number {
  const shortest = Math.min(limits.idleMs, limits.totalMs, limits.lingerMs);
  return Math.min(Math.max(shortest / 4, tickMsMin), tickMsMax);
}

/** A connection that is refused at once is so before it could begin anything. */
function neverBegins(): Submission {
  throw new Error('a refused connection began a request');
}

export function createQmqpAcceptor(options: QmqpAcceptorOptions): QmqpAcceptor {
  const { limits, log } = options;
  const count = createConnectionCount(limits);
  const connections = new Set<Connection>();
  let refusals = 0;
  let emptied: (() => void) | undefined;

  function accept(socket: Socket): void {
    const peer = options.peerOf(socket);
    const refusal = options.refusal?.(peer, socket);
    const counted = refusal === undefined && count.add(peer);
    if (!counted && refusals >= limits.refusalsMax) {
      unanswered.add();
      socket.destroy();
      return;
    }
    if (!counted) refusals += 1;
    const connection = startConnection(socket, {
      limits,
      monotonic: () => performance.now(),
      begin: counted ? options.greet(socket, peer) : neverBegins,
      onReply({ verdict, text }) {
        replies.with({ verdict }).add();
        if (verdict !== 'K') log(`qmqpd: peer=${peer} verdict=${verdict} text="${printable(text)}"`);
      },
      onClose() {
        if (counted) count.remove(peer);
        else refusals -= 1;
        connections.delete(connection);
        if (connections.size === 0) emptied?.();
      },
    });
    connections.add(connection);
    if (!counted) connection.refuse(refusal ?? tooMany);
  }

  const server = createServer({ allowHalfOpen: true }, accept);
  const clock = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.tick(nowMs);
  }, tickMs(limits));
  server.on('close', () => {
    if (connections.size === 0) clearInterval(clock);
  });
  server.on('error', () => {
    // One connection that could not be accepted ends nothing; an address that cannot be listened on ends all.
    if (!server.listening) clearInterval(clock);
  });

  return {
    server,
    accept,
    close(graceMs = graceMsDefault) {
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
    },
  };
}
