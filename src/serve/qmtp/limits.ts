/** What a QMTP server allows: the control files of qmail-qmtpd and their defaults. */

import type { Control } from '../../control/index.ts';
import type { QmtpLimits } from '../../qmtp/index.ts';
import type { ConnectionLimits } from '../connection-count.ts';
import { messageBytesMax } from '../smtp/limits.ts';

export interface QmtpSessionLimits {
  /** Of a message, as control/databytes counts them. */
  readonly messageBytesMax: number;
  readonly addressBytesMax: number;
  readonly recipientsMax: number;
  readonly recipientBytesMax: number;
  /** Bytes of a message over messageBytesMax that are read and dropped, so that the client gets to read why. */
  readonly excessBytesMax: number;
  /** Messages of one connection that wait for the queue's answer while the next one is read ... */
  readonly pendingMax: number;
  /** ... unless one of them has more recipients. */
  readonly pendingRecipientsMax: number;
  /** Received and Delivered-To fields of a message that has come round. */
  readonly hopsMax: number;
  /** Recipients that nobody here has, after which a connection ends, counted anew after each message that was taken. */
  readonly unknownMax: number;
  /** Recipients that are looked for at the same time for one connection: others do not wait behind all that it names. */
  readonly askedTogetherMax: number;
}

export interface QmtpTimes {
  /** Without a byte from the client. */
  readonly idleMs: number;
  /** From a connection's first moment to its last. */
  readonly totalMs: number;
  /** For the client to read its replies, and to stop sending when what it sent is not understood. */
  readonly lingerMs: number;
}

export interface QmtpServerLimits extends QmtpSessionLimits, QmtpTimes, ConnectionLimits {
  /** Recipients that are looked for at the same time, for all connections. */
  readonly checksMax: number;
  /** Bytes that are read and dropped meanwhile. */
  readonly lingerBytesMax: number;
  /** Of one address; 0 is no limit. */
  readonly connectionsPerMinuteMax: number;
  readonly messagesPerMinuteMax: number;
}

export const qmtpServerLimits: QmtpServerLimits = {
  messageBytesMax: 2_000_000_000,
  addressBytesMax: 999,
  recipientsMax: 50_000,
  recipientBytesMax: 4 * 1024 * 1024,
  excessBytesMax: 64 * 1024 * 1024,
  pendingMax: 20,
  pendingRecipientsMax: 100,
  hopsMax: 100,
  unknownMax: 100,
  askedTogetherMax: 10,
  checksMax: 100,
  connectionsMax: 400,
  connectionsPerPeerMax: 50,
  idleMs: 300_000,
  totalMs: 3_600_000,
  lingerMs: 5_000,
  lingerBytesMax: 1024 * 1024,
  connectionsPerMinuteMax: 0,
  messagesPerMinuteMax: 0,
};

export function parserLimits(limits: QmtpSessionLimits): QmtpLimits {
  return { ...limits, messageBytesMax: limits.messageBytesMax + limits.excessBytesMax };
}

/** A number of at least 1 that an operator may set. */
function setting(control: Control, name: string, preset: number, max = Number.MAX_SAFE_INTEGER): number {
  return Math.min(Math.max(control.number(name, preset), 1), max);
}

export function readQmtpServerLimits(control: Control): QmtpServerLimits {
  const preset = qmtpServerLimits;
  return {
    ...preset,
    messageBytesMax: messageBytesMax(control.number('databytes', 0)),
    connectionsMax: setting(control, 'concurrencyqmtp', preset.connectionsMax),
    connectionsPerPeerMax: setting(control, 'concurrencyqmtpperip', preset.connectionsPerPeerMax),
    connectionsPerMinuteMax: control.number('qmtpconnectionrate', preset.connectionsPerMinuteMax),
    messagesPerMinuteMax: control.number('qmtpmessagerate', preset.messagesPerMinuteMax),
    idleMs: setting(control, 'timeoutqmtpd', preset.idleMs / 1000, preset.totalMs / 1000) * 1000,
  };
}
