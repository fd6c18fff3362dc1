/**
 * A message where a program can read it: a file without a name, made when the first program of a delivery asks. Each
 * program gets a descriptor of its own that stands at the first byte and cannot write.
 */
import { closeSync, openSync } from 'node:fs';
import type { MessageBody } from '../mail/index.ts';
import type { Descriptor, System } from '../system/index.ts';
import { writeStream } from './write-all.ts';

export interface MessageFile {
  /** A descriptor for one program, to be closed by the caller. Rejects when the message cannot be read or kept. */
  open(): Promise<Descriptor>;
  close(): void;
}

const nothing = new Uint8Array(0);

export function createMessageFile(system: System, body: MessageBody): MessageFile {
  let kept: Descriptor | undefined;

  async function keep(): Promise<Descriptor> {
    const descriptor = system.files.openTemporary();
    try {
      await writeStream(descriptor, nothing, body.chunks());
      return descriptor;
    } catch (error) {
      system.files.close(descriptor);
      throw error;
    }
  }

  return {
    async open() {
      kept ??= await keep();
      // A second descriptor made by dup would share its position with the first.
      return openSync(`/proc/self/fd/${kept}`, 'r');
    },
    close() {
      if (kept !== undefined) closeSync(kept);
      kept = undefined;
    },
  };
}
