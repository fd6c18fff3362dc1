/** Received fields (RFC 5321 4.4): who gave us the message, and how it came into the queue. */
import type { ByteString } from '../system/index.ts';
import { formatDate } from './date.ts';

export interface ReceivedFrom {
  /** The peer's name, or "unknown". */
  readonly remoteHost: ByteString;
  readonly remoteIp: ByteString;
  /** What the peer's IDENT server or its proven identity says. */
  readonly remoteInfo?: ByteString | undefined;
  /** What the peer called itself, when that differs from remoteHost. */
  readonly helo?: ByteString | undefined;
  readonly localHost: ByteString;
  /** QMQP, QMTP, SMTP ... */
  readonly protocol: string;
}

const safe = new Set('.@%+/=:-[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/** The peer chose these bytes: all but a few become '?', so that no second field can be forged. */
function safeText(text: ByteString): ByteString {
  let result = '';
  for (const character of text) result += safe.has(character) ? character : '?';
  return result;
}

/** The field that a network server puts on top. */
export function receivedFromNetwork(from: ReceivedFrom, nowMs: number): ByteString {
  const helo = from.helo === undefined ? '' : ` (HELO ${safeText(from.helo)})`;
  const info = from.remoteInfo === undefined ? '' : `${safeText(from.remoteInfo)}@`;
  return (
    `Received: from ${safeText(from.remoteHost)}${helo} (${info}${safeText(from.remoteIp)})\n` +
    `  by ${safeText(from.localHost)} with ${from.protocol}; ${formatDate(nowMs)}\n`
  );
}

/** Who called qmail-queue: a network server, the bounce writer, the alias user, or the user with this uid. */
export type QueueCaller = 'network' | 'bounce' | 'alias' | number;

function callerText(caller: QueueCaller): string {
  switch (caller) {
    case 'network':
      return 'invoked from network';
    case 'bounce':
      return 'invoked for bounce';
    case 'alias':
      return 'invoked by alias';
    default:
      return `invoked by uid ${caller}`;
  }
}

/** The field that qmail-queue puts on top. `qp` is the number that the log names too. */
export function receivedByQueue(qp: number, caller: QueueCaller, nowMs: number): ByteString {
  return `Received: (qmail ${qp} ${callerText(caller)}); ${formatDate(nowMs)}\n`;
}
