/**
 * A message's bytes where they are read: header, blank line and body with LF line ends, any byte allowed. Whoever
 * delivers pulls them piece by piece, so that a message of any size passes through a fixed amount of memory.
 */

export interface MessageBody {
  readonly sizeBytes: number;
  /**
   * All bytes from the start, read while they are asked for, in pieces of up to 256 KiB. A piece is good until the next
   * one is asked for; when no next one is asked for, it stays good.
   */
  chunks(): Iterable<Uint8Array>;
}
