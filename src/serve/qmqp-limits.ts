/** What a QMQP server allows: the control files of qmail-qmqpd and their defaults. */
import type { PackageLimits } from '../../qmqp/index.ts';
import type { Control } from '../control/index.ts';
import type { ConnectionLimits } from './connection-count.ts';

/** How long a connection may take. */
export interface QmqpTimes {
  /** Without a byte from the peer while its request is incomplete. */
  readonly idleMs: number;
  /** From its first moment to its last; QMQP gives a session one hour. */
  readonly totalMs: number;
  /** For the peer to read a reply, and to stop sending when it was refused early. */
  readonly lingerMs: number;
}

export interface QmqpServerLimits extends PackageLimits, ConnectionLimits, QmqpTimes {
  /** Bytes that are read and dropped after an early refusal, so that the peer gets to read it. */
  readonly lingerBytesMax: number;
  /** Connections over the limits, or not allowed, that are told so at the same time; any more are closed without a word. */
  readonly refusalsMax: number;
}

const hourMs = 3_600_000;

export const qmqpServerLimits: QmqpServerLimits = {
  messageBytesMax: 2_000_000_000,
  addressBytesMax: 999,
  recipientsMax: 50_000,
  envelopeBytesMax: 4 * 1024 * 1024,
  connectionsMax: 400,
  connectionsPerPeerMax: 100,
  idleMs: 300_000,
  totalMs: hourMs,
  lingerMs: 5_000,
  lingerBytesMax: 64 * 1024 * 1024,
  refusalsMax: 100,
};

/** A number of at least 1 that an operator may set. */
function setting(control: Control, name: string, preset: number, max = Number.MAX_SAFE_INTEGER): number {
  return Math.min(Math.max(control.number(name, preset), 1), max);
}

export function readQmqpServerLimits(control: Control): QmqpServerLimits {
  const preset = qmqpServerLimits;
  return {
    ...preset,
    messageBytesMax: setting(control, 'qmqpdatabytes', preset.messageBytesMax, preset.messageBytesMax),
    recipientsMax: setting(control, 'qmqprecipients', preset.recipientsMax, preset.recipientsMax),
    connectionsMax: setting(control, 'concurrencyqmqp', preset.connectionsMax),
    connectionsPerPeerMax: setting(control, 'concurrencyqmqpperip', preset.connectionsPerPeerMax),
    idleMs: setting(control, 'timeoutqmqpd', preset.idleMs / 1000, preset.totalMs / 1000) * 1000,
  };
}
