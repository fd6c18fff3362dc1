/**
 * Accepts connections in this process, within limits, and looks at the clock for all of them at once. A process for each
 * connection costs tens of milliseconds in this runtime; this costs tens of microseconds.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { counter } from '../process/index.ts';
import type { Answer } from '../system/index.ts';
import { type ConnectionLimits, createConnectionCount } from './connection-count.ts';

export interface AcceptorLimits extends ConnectionLimits {
  readonly idleMs: number;
  readonly totalMs: number;
  readonly lingerMs: number;
  /** Connections over the limits, or not allowed, that are told so at the same time; any more are closed without a word. */
  readonly refusalsMax: number;
}

/** A connection of whatever protocol. */
export interface Served {
  /** Gives up on what is incomplete, and ends. What has been taken is answered first. */
  refuse(answer: Answer): void;
  /** Whether something has begun that may still be finished. */
  readonly begun: boolean;
  /** Looks at the clock. */
  tick(nowMs: number): void;
}

export interface AcceptorOptions {
  readonly limits: AcceptorLimits;
  /** What connections are counted by, and what the log calls the peer. */
  peerOf(socket: Socket): string;
  /** What a peer is told that may not connect. Without it everybody may. */
  refusal?(peer: string, socket: Socket): Answer | undefined;
  /** A connection begins. One that is not admitted is refused at once. */
  start(socket: Socket, peer: string, isAdmitted: boolean, onClose: () => void): Served;
}

export interface Acceptor {
  /** To be told where to listen. */
  readonly server: Server;
  /** Takes a connection that another listener has accepted, as `server` takes its own. */
  accept(socket: Socket): void;
  /** Stops listening; resolves when the connections that had begun something are done, or out of time. */
  close(graceMs?: number): Promise<void>;
}

const unanswered = counter(
  'mini_qmail_connections_dropped_total',
  'Connections that were closed without an answer: over the limits, or more at once that are not allowed.',
);

const tooMany: Answer = { verdict: 'Z', text: 'too many connections (#4.3.2)' };
const shutdown: Answer = { verdict: 'Z', text: 'this server is shutting down (#4.3.2)' };

/** How long what has begun may take to arrive when the listener closes. */
const graceMsDefault = 10_000;

/** How often the clock is looked at, unless a limit is shorter than that. */
const tickMsMax = 1000;
const tickMsMin = 10;

function tickMs(limits: AcceptorLimits): number {
  const shortest = Math.min(limits.idleMs, limits.totalMs, limits.lingerMs);
  return Math.min(Math.max(shortest / 4, tickMsMin), tickMsMax);
}

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { limits } = options;
  const count = createConnectionCount(limits);
  const connections = new Set<Served>();
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
    const connection = options.start(socket, peer, counted, () => {
      if (counted) count.remove(peer);
      else refusals -= 1;
      connections.delete(connection);
      if (connections.size === 0) emptied?.();
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
