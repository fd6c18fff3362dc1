/** What a server wants to know of a message before it comes: how many bytes it has on the wire, and what kind. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageBody } from '../../mail/index.ts';

export interface MessageScan {
  /** With CR LF at the end of each line, and without the dots of DATA (RFC 1870 5). */
  readonly sizeBytes: number;
  /** Whether bytes over 127 are in it. */
  readonly eightBit: boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

/** Reads all of it, and lets others have their turns in between. */
export async function scanMessage(body: MessageBody): Promise<MessageScan> {
  let sizeBytes = 0;
  let eightBit = false;
  let last = lineFeed;
  let isFirst = true;
  for (const piece of body.chunks()) {
    if (!isFirst) await nextTurn();
    isFirst = false;
    for (const byte of piece) {
      if (byte > 127) eightBit = true;
      if (byte === lineFeed) sizeBytes += last === carriageReturn ? 0 : 2;
      else sizeBytes += byte === carriageReturn ? 2 : 1;
      last = byte;
    }
  }
  const isWhole = last === lineFeed || last === carriageReturn;
  return { sizeBytes: sizeBytes + (isWhole ? 0 : 2), eightBit };
}
