/** Bytes as they arrive: in pieces of any size. */

/** Cuts `bytes` into pieces of these sizes, the last of them again and again; without sizes, one piece. */
export function* inPieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let offset = 0;
  for (let index = 0; offset < bytes.length; index += 1) {
    // A size of 0 is an empty piece, but the last size must get on.
    const size = sizes[index] ?? Math.max(1, sizes.at(-1) ?? bytes.length);
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}
