/**
 * The message that a bounce returns: the whole, or its header when it is larger than a limit. Only up to the limit is
 * ever read.
 */
import type { MessageBody } from './message-body.ts';

export interface ReturnedContent {
  /** The header, without the empty line that ends it, and within the limit: its last lines may be missing. */
  readonly header: MessageBody;
  readonly whole: MessageBody | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;

/** Bytes of the header that lie before `limitBytes`, up to the end of a line. */
function headerBytes(body: MessageBody, limitBytes: number): number {
  let offset = 0;
  /** Where the current line begins, and whether it has nothing but CR so far. */
  let lineStart = 0;
  let lineIsEmpty = true;
  for (const chunk of body.chunks()) {
    for (const byte of chunk) {
      if (offset >= limitBytes) return lineStart;
      offset += 1;
      if (byte === lineFeed) {
        if (lineIsEmpty) return lineStart;
        lineStart = offset;
        lineIsEmpty = true;
      } else if (byte !== carriageReturn) {
        lineIsEmpty = false;
      }
    }
  }
  // A last line without LF is one nevertheless.
  return offset;
}

/** The first bytes of a body. */
export function bodyStart(body: MessageBody, sizeBytes: number): MessageBody {
  return {
    sizeBytes,
    *chunks() {
      let left = sizeBytes;
      if (left <= 0) return;
      for (const chunk of body.chunks()) {
        yield chunk.subarray(0, left);
        left -= chunk.length;
        if (left <= 0) return;
      }
    },
  };
}

const nothing: MessageBody = { sizeBytes: 0, chunks: () => [] };

/** `limitBytes` 0: no limit for the whole. Of a message that cannot be read nothing is returned. */
export function returnedContent(
  body: MessageBody | undefined,
  limitBytes: number,
  headerLimitBytes: number,
): ReturnedContent {
  if (body === undefined) return { header: nothing, whole: undefined };
  const isWhole = limitBytes === 0 || body.sizeBytes <= limitBytes;
  const limit = limitBytes === 0 ? headerLimitBytes : Math.min(limitBytes, headerLimitBytes);
  return { header: bodyStart(body, headerBytes(body, limit)), whole: isWhole ? body : undefined };
}
