/**
 * Gives the memory of bytes back at once. Each read from a socket and each chunk of the queue's store comes in a buffer
 * of its own of up to 64 KiB outside the heap, and the collector lets them pile up: 100 MB for a message of 300 MB. The
 * bytes are gone afterwards, for whoever still holds them.
 */

/** Smaller buffers are left to the collector. */
const releaseBytesMin = 16 * 1024;

export function releaseBuffer(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // A part of a larger buffer shares it with others.
  const whole = bytes.byteLength === buffer.byteLength;
  if (bytes.byteLength >= releaseBytesMin && whole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
