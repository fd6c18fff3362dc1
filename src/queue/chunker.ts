/** Cuts a message's bytes into the chunks that are rows of the store. */

/** Bytes of a row of a body. A message up to this size is written in one piece with its envelope. */
export const chunkBytesMax = 65536;

/** The first chunk of most messages is their only one: it starts small and grows once. */
const firstChunkBytes = 4096;

export interface Chunk {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface Chunker {
  /** Takes bytes and copies them. Answers the chunks that are full by now and more is known to follow. */
  append(bytes: Uint8Array): readonly Chunk[];
  /** What is left, which may be empty. */
  last(): Chunk;
  readonly sizeBytes: number;
}

const none: readonly Chunk[] = [];

export function createChunker(): Chunker {
  let chunk = new Uint8Array(firstChunkBytes);
  let used = 0;
  let index = 0;
  let sizeBytes = 0;

  function grow(): void {
    const grown = new Uint8Array(chunkBytesMax);
    grown.set(chunk.subarray(0, used));
    chunk = grown;
  }

  return {
    append(bytes) {
      let full: Chunk[] | undefined;
      let taken = 0;
      while (taken < bytes.length) {
        if (used === chunk.length && used < chunkBytesMax) grow();
        if (used === chunk.length) {
          full ??= [];
          full.push({ index, bytes: chunk });
          index += 1;
          chunk = new Uint8Array(chunkBytesMax);
          used = 0;
        }
        const count = Math.min(bytes.length - taken, chunk.length - used);
        chunk.set(bytes.subarray(taken, taken + count), used);
        used += count;
        taken += count;
      }
      sizeBytes += bytes.length;
      return full ?? none;
    },
    last: () => ({ index, bytes: chunk.slice(0, used) }),
    get sizeBytes() {
      return sizeBytes;
    },
  };
}
