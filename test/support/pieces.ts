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

/** The bytes whole, cut at each place, and byte for byte. */
export function* allCuts(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  yield [bytes];
  for (let at = 1; at < bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
  if (bytes.length > 2) yield [...bytes].map((byte) => Uint8Array.of(byte));
}
