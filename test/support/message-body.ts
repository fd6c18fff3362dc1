/** Messages as the queue hands them to a delivery. */
import type { MessageBody } from '../../src/mail/index.ts';
import { type ByteString, bytesOf } from '../../src/system/index.ts';
import { inPieces } from './pieces.ts';

/** A message in pieces of these sizes; in one piece without. */
export function messageBody(text: ByteString, sizes: readonly number[] = []): MessageBody {
  const bytes = bytesOf(text);
  return { sizeBytes: bytes.length, chunks: () => inPieces(bytes, sizes) };
}

/** A message that breaks off with an error after some of its bytes. */
export function brokenBody(text: ByteString, sizeBytes: number): MessageBody {
  return {
    sizeBytes,
    *chunks() {
      yield bytesOf(text);
      throw new Error('the store has lost the rest');
    },
  };
}

/** `count` times the same piece of `pieceBytes`, and how many were asked for. */
export function largeBody(pieceBytes: number, count: number): MessageBody {
  const piece = new Uint8Array(pieceBytes).fill(97);
  piece[pieceBytes - 1] = 10;
  return {
    sizeBytes: pieceBytes * count,
    *chunks() {
      for (let index = 0; index < count; index += 1) yield piece;
    },
  };
}
