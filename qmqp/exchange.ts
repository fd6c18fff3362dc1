/**
 * One session of a client with one address of a hub: connect, send the package, read the reply.
 *
 * Only a complete reply is an answer, and K is one only after the last byte has gone out. A hub may refuse early:
 * when sending fails, what it said until then is read.
 */
import {
  type Answer,
  type ByteString,
  errorCode,
  errorText,
  type Network,
  type Stream,
  SystemError,
  UnreadError,
} from '../src/system/index.ts';
import { secureProtocol } from './hub.ts';
import type { Package } from './package-format.ts';
import { createReplyParser } from './reply.ts';

export interface ExchangeLimits {
  readonly connectMs: number;
  /** Without any progress in sending, or without any byte of the reply. */
  readonly idleMs: number;
  /** For the whole session. */
  readonly totalMs: number;
}

/** How a session ended. Each text is for people. */
export type ExchangeOutcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'connect-timeout'; readonly text: string }
  | { readonly kind: 'connect-failed'; readonly text: string }
  /** This machine has no socket to give. */
  | { readonly kind: 'no-socket'; readonly text: string }
  /** `sent`: the last byte had gone out, so that nobody knows whether the hub took the message. */
  | { readonly kind: 'broken'; readonly sent: boolean; readonly text: string };

/** What a hub in TLS is known by, and the name that led to its address, if there is one. */
export interface SecureTarget {
  readonly pins: readonly ByteString[];
  readonly serverName?: ByteString | undefined;
}

/** Where a tunnel has to lead. Whether it is the right hub that answers there is for the program to know. */
export interface TunnelEnd extends SecureTarget {
  /** An IPv4 or IPv6 literal. */
  readonly address: ByteString;
  readonly port: number;
}

export interface ExchangeWorld {
  readonly network: Network;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  /** This host's key and certificate in PEM, for hubs in TLS. Throws, with the reason, when there are none. */
  identity?(): ByteString;
  /** A stream to a hub in TLS through a program that speaks it in our place; undefined when there is none. */
  tunnel?(end: TunnelEnd): Promise<Stream> | undefined;
}

/** How long a refusal may take to arrive after sending has failed. */
const refusalMs = 1000;

const socketErrors = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM']);

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the hub',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'host name lookup failed for now',
  EPIPE: 'connection closed by the hub',
  ETIMEDOUT: 'timed out',
};

export function reasonText(error: unknown): string {
  return reasons[errorCode(error)] ?? errorText(error);
}

function connectFailure(error: unknown): ExchangeOutcome {
  const text = reasonText(error);
  if (errorCode(error) === 'ETIMEDOUT') return { kind: 'connect-timeout', text: `connecting ${text}` };
  return { kind: socketErrors.has(errorCode(error)) ? 'no-socket' : 'connect-failed', text };
}

/** Why there is no answer, and whether the hub may have the package. */
interface NoReply {
  readonly sent: boolean;
  readonly text: string;
}

function noReply(text: string, sent = true): NoReply {
  return { sent, text };
}

/** Reads until the reply is complete, or says why there is none. */
async function readReply(stream: Stream, timeoutMs: () => number): Promise<Answer | NoReply> {
  const parser = createReplyParser();
  for (;;) {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await stream.read(timeoutMs());
    } catch (error) {
      return noReply(`no answer: ${reasonText(error)}`, !(error instanceof UnreadError));
    }
    if (bytes === undefined) return noReply('connection closed without a complete answer');
    const state = parser.feed(bytes);
    if (state.state === 'complete') return state.answer;
    if (state.state !== 'more') return noReply(`the answer is ${state.state} and no QMQP reply`);
  }
}

/** What a hub said before sending failed, if that is an answer. */
async function afterFailure(
  stream: Stream,
  failure: unknown,
  timeoutMs: () => number,
): Promise<ExchangeOutcome> {
  const refusal = await readReply(stream, () => Math.min(refusalMs, timeoutMs()));
  if ('verdict' in refusal && refusal.verdict !== 'K') return { kind: 'answered', answer: refusal };
  return { kind: 'broken', sent: false, text: `sending failed: ${reasonText(failure)}` };
}

/**
 * Sends a package on a connection and reads the reply. `timeoutMs` answers how long the next step may take, `replyMs` the
 * same of the reply to the whole package. Throws only what reading the package throws.
 */
export async function converse(
  stream: Stream,
  pack: Package,
  timeoutMs: () => number,
  replyMs = timeoutMs,
): Promise<ExchangeOutcome> {
  for (const piece of pack.pieces()) {
    try {
      await stream.write(piece, timeoutMs());
    } catch (error) {
      return await afterFailure(stream, error, timeoutMs);
    }
  }
  const answer = await readReply(stream, replyMs);
  return 'verdict' in answer ? { kind: 'answered', answer } : { kind: 'broken', ...answer };
}

async function connectSecurely(
  { network, identity, tunnel }: ExchangeWorld,
  address: ByteString,
  port: number,
  target: SecureTarget,
  timeoutMs: number,
): Promise<Stream> {
  const through = tunnel?.({ ...target, address, port });
  if (through !== undefined) return await through;
  if (network.connectSecure === undefined || identity === undefined)
    throw new SystemError(
      'EPROTONOSUPPORT',
      'this program cannot speak TLS, and control/qmqptunnel names none that can',
    );
  const peer = { ...target, address, port, protocol: secureProtocol, identity: identity() };
  return await network.connectSecure(peer, timeoutMs);
}

/** `address` is an IPv4 or IPv6 literal; `target` asks for TLS. Throws only what reading the package throws. */
export async function exchange(
  world: ExchangeWorld,
  address: ByteString,
  port: number,
  pack: Package,
  limits: ExchangeLimits,
  target?: SecureTarget,
): Promise<ExchangeOutcome> {
  const endMs = world.monotonic() + limits.totalMs;
  let stream: Stream;
  try {
    stream = await (target === undefined
      ? world.network.connect(address, port, limits.connectMs)
      : connectSecurely(world, address, port, target, limits.connectMs));
  } catch (error) {
    return connectFailure(error);
  }
  try {
    return await converse(stream, pack, () =>
      Math.max(1, Math.min(limits.idleMs, endMs - world.monotonic())),
    );
  } finally {
    stream.close();
  }
}
