/** What an SMTP server allows: the control files of qmail-smtpd and their defaults. */
import type { Control } from '../../control/index.ts';
import type { ByteString } from '../../system/index.ts';
import type { ConnectionLimits } from '../connection-count.ts';

/** What a session allows. */
export interface SmtpSessionLimits {
  /** Of a message, lines ending in LF, as control/databytes counts them. */
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  /** Of a command without its CR LF. */
  readonly commandBytesMax: number;
  /** Of the name that a client gives itself. */
  readonly heloBytesMax: number;
  /** Received and Delivered-To fields of a message. */
  readonly hopsMax: number;
  /** Refusals after which a session ends, counted anew after each message that was taken. */
  readonly errorsMax: number;
  /** The same of recipients over recipientsMax: a client sends them with its next message (RFC 5321 4.5.3.1.10). */
  readonly postponedMax: number;
  /** Passwords that were wrong, after which a session ends. */
  readonly authFailuresMax: number;
  /** Bytes of a message over messageBytesMax that are read and dropped, so that the client gets to read why. */
  readonly excessBytesMax: number;
}

/** How long a connection may take. */
export interface SmtpTimes {
  /** Without a byte from the client. */
  readonly idleMs: number;
  /** The same while three quarters of the connections are taken. */
  readonly crowdedIdleMs: number;
  /** For one command to arrive, from its first byte on. */
  readonly commandMs: number;
  /** From its first moment to its last. */
  readonly totalMs: number;
  /** For the client to read why it was refused, and to stop sending. */
  readonly lingerMs: number;
}

export interface SmtpServerLimits extends SmtpSessionLimits, SmtpTimes, ConnectionLimits {
  /** Bytes that are read and dropped after a refusal that ends the session. */
  readonly lingerBytesMax: number;
  /** Connections over the limits, or not allowed, that are told so at the same time; any more are closed without a word. */
  readonly refusalsMax: number;
  /** Connections and messages from one address in a minute; 0 is no limit. */
  readonly connectionsPerMinuteMax: number;
  readonly messagesPerMinuteMax: number;
}

export const smtpServerLimits: SmtpServerLimits = {
  messageBytesMax: 2_000_000_000,
  recipientsMax: 1000,
  // A response of AUTH may have 12288 (RFC 4954 4), a command 512 and what extensions add.
  commandBytesMax: 12_288,
  heloBytesMax: 255,
  hopsMax: 100,
  errorsMax: 100,
  postponedMax: 50_000,
  authFailuresMax: 3,
  excessBytesMax: 64 * 1024 * 1024,
  connectionsMax: 1000,
  connectionsPerPeerMax: 50,
  idleMs: 300_000,
  crowdedIdleMs: 10_000,
  commandMs: 300_000,
  totalMs: 7_200_000,
  lingerMs: 5_000,
  lingerBytesMax: 1024 * 1024,
  refusalsMax: 100,
  connectionsPerMinuteMax: 0,
  messagesPerMinuteMax: 0,
};

/** A number of at least 1 that an operator may set. */
function setting(control: Control, name: string, preset: number, max = Number.MAX_SAFE_INTEGER): number {
  return Math.min(Math.max(control.number(name, preset), 1), max);
}

/** DATABYTES and control/databytes: 0 is no limit of the operator's. */
export function messageBytesMax(databytes: number): number {
  return databytes === 0
    ? smtpServerLimits.messageBytesMax
    : Math.min(databytes, smtpServerLimits.messageBytesMax);
}

/** The value of DATABYTES, as scan_ulong reads it; undefined when it is not set. */
export function databytesOf(text: ByteString | undefined): number | undefined {
  return text === undefined ? undefined : messageBytesMax(Number.parseInt(text, 10) || 0);
}

export function readSmtpServerLimits(control: Control): SmtpServerLimits {
  const preset = smtpServerLimits;
  const idleMs = setting(control, 'timeoutsmtpd', preset.idleMs / 1000, preset.totalMs / 1000) * 1000;
  return {
    ...preset,
    messageBytesMax: messageBytesMax(control.number('databytes', 0)),
    recipientsMax: setting(control, 'smtprecipients', preset.recipientsMax, 50_000),
    connectionsMax: setting(control, 'concurrencysmtp', preset.connectionsMax),
    connectionsPerPeerMax: setting(control, 'concurrencysmtpperip', preset.connectionsPerPeerMax),
    connectionsPerMinuteMax: control.number('smtpconnectionrate', preset.connectionsPerMinuteMax),
    messagesPerMinuteMax: control.number('smtpmessagerate', preset.messagesPerMinuteMax),
    idleMs,
    crowdedIdleMs: Math.min(idleMs, preset.crowdedIdleMs),
    commandMs: idleMs,
  };
}
