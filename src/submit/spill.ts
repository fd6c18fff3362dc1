/**
 * A message whose length must be known before its first byte goes out: up to 64 KiB are held in memory, a longer
 * one moves to a temporary file that has no name, so that memory stays flat whatever the size.
 */
import type { Descriptor, System } from '../system/index.ts';

/** What a spill holds in memory before it moves to a file. */
const memoryBytesMax = 65536;

export interface Spill {
  readonly sizeBytes: number;
  /** Appends; the bytes are copied. */
  write(bytes: Uint8Array): void;
  /** The bytes from the start, in pieces that are valid until the next one is asked for. */
  chunks(): Generator<Uint8Array>;
  /** A descriptor of a file with all the bytes, at position 0, for a program to read. */
  descriptor(): Descriptor;
  close(): void;
}

export function createSpill(system: System): Spill {
  const { files } = system;
  let memory = new Uint8Array(0);
  let inMemory = 0;
  let file: Descriptor | undefined;
  let sizeBytes = 0;

  function moveToFile(): Descriptor {
    if (file !== undefined) return file;
    file = files.openTemporary();
    files.writeAt(file, memory.subarray(0, inMemory), 0);
    memory = new Uint8Array(0);
    return file;
  }

  function remember(bytes: Uint8Array): void {
    if (sizeBytes + bytes.length > memory.length) {
      const grown = new Uint8Array(Math.min(memoryBytesMax, Math.max(4096, (sizeBytes + bytes.length) * 2)));
      grown.set(memory.subarray(0, inMemory));
      memory = grown;
    }
    memory.set(bytes, inMemory);
    inMemory += bytes.length;
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    write(bytes) {
      if (file === undefined && sizeBytes + bytes.length <= memoryBytesMax) remember(bytes);
      else files.writeAt(moveToFile(), bytes, sizeBytes);
      sizeBytes += bytes.length;
    },
    *chunks() {
      if (file === undefined) {
        if (inMemory > 0) yield memory.subarray(0, inMemory);
        return;
      }
      const buffer = new Uint8Array(memoryBytesMax);
      let offset = 0;
      while (offset < sizeBytes) {
        const count = files.readAt(file, buffer, offset);
        if (count === 0) throw new Error('the temporary file is shorter than what was written to it');
        offset += count;
        yield buffer.subarray(0, count);
      }
    },
    descriptor: moveToFile,
    close() {
      if (file !== undefined) files.close(file);
      file = undefined;
    },
  };
}
