/** The message on descriptor 0, from its first byte and as often as it is asked for. A pipe is read once, and kept. */
import { fstatSync } from 'node:fs';
import { createSpill, type Spill } from '../submit/index.ts';
import type { System } from '../system/index.ts';

export interface MessageSource {
  /** A piece is good until the next one is asked for. */
  chunks(): Iterable<Uint8Array>;
  close(): void;
}

const messageDescriptor = 0;

const readBytes = 65_536;

function* fileChunks({ files }: System): Generator<Uint8Array, undefined> {
  const buffer = new Uint8Array(readBytes);
  for (let offset = 0; ; ) {
    const count = files.readAt(messageDescriptor, buffer, offset);
    if (count === 0) return;
    offset += count;
    yield buffer.subarray(0, count);
  }
}

function keep(system: System): Spill {
  const spill = createSpill(system);
  const buffer = new Uint8Array(readBytes);
  for (;;) {
    const count = system.files.read(messageDescriptor, buffer);
    if (count === 0) return spill;
    spill.write(buffer.subarray(0, count));
  }
}

export function messageSource(system: System): MessageSource {
  const isFile = fstatSync(messageDescriptor).isFile();
  let kept: Spill | undefined;
  return {
    chunks() {
      if (isFile) return fileChunks(system);
      kept ??= keep(system);
      return kept.chunks();
    },
    close() {
      kept?.close();
      kept = undefined;
    },
  };
}
