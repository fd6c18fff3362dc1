/** The header of a message on its way, and the message with another one. The body is read when it is asked for. */
import { type ByteString, bytesOf, concatBytes } from '../system/index.ts';
import { createHeaderReader, type HeaderLimits } from './header-reader.ts';
import type { MessageBody } from './message-body.ts';

/** A longer header, or one with a longer field, is not looked into. */
export const messageHeaderLimits: HeaderLimits = {
  headerBytesMax: 2 * 1024 * 1024,
  fieldBytesMax: 1024 * 1024,
};

export interface MessageHeader {
  /** Each with its newline. */
  readonly fields: readonly ByteString[];
  /** The message with these fields in place of its own, which are read no more than its body is. */
  withFields(fields: readonly ByteString[]): MessageBody;
}

/** Skips the first bytes. */
function* behind(body: MessageBody, skipBytes: number): Generator<Uint8Array> {
  let skip = skipBytes;
  for (const piece of body.chunks()) {
    const rest = piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
    if (rest.length > 0) yield rest;
  }
}

/** Undefined for a header over the limits. */
export function readMessageHeader(
  body: MessageBody,
  limits: HeaderLimits = messageHeaderLimits,
): MessageHeader | undefined {
  const reader = createHeaderReader(limits);
  let readBytes = 0;
  let state = reader.feed(new Uint8Array(0));
  for (const piece of body.chunks()) {
    readBytes += piece.length;
    state = reader.feed(piece);
    if (state.state !== 'more') break;
  }
  if (state.state === 'more') state = reader.end();
  if (state.state !== 'complete') return undefined;
  const { fields } = state;
  // The piece that it ends in is another one soon.
  const start = state.body.slice();
  return {
    fields,
    withFields(changed) {
      const head = concatBytes([bytesOf(changed.join('')), start]);
      return {
        sizeBytes: head.length + body.sizeBytes - readBytes,
        *chunks() {
          if (head.length > 0) yield head;
          yield* behind(body, readBytes);
        },
      };
    },
  };
}
