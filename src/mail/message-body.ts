/**
 * A message's bytes where they are read: header, blank line and body with LF line ends, any byte allowed. Whoever
 * delivers pulls them piece by piece, so that a message of any size passes through a fixed amount of memory.
 */

/** No piece is larger than this. */
export const bodyChunkBytesMax = 256 * 1024;

export interface MessageBody {
  readonly sizeBytes: number;
  /** All bytes from the start, read while they are asked for; a piece may be kept only until the next one. */
  chunks(): Iterable<Uint8Array>;
}
