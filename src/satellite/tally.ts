/**
 * How much the spool holds, known without looking through it: a sender must not pay for what waits already. The size
 * of the file tally/messages is the number of messages, and that of tally/blocks the number of their blocks: whoever
 * adds appends as many bytes, which needs no lock. Nobody takes away; a flush, which reads the names anyway, and a
 * sender that finds a limit reached count again. Between two counts the tally is never too small by more than what was
 * added during a count. Root adds nothing in a spool that is another's, who could have put a link in the place of such a
 * file: the next count finds root's messages.
 */
import { type ByteString, type Descriptor, errorCode, type System } from '../system/index.ts';
import { newId, parseSpoolName } from './entry-name.ts';
import { giveToOwner, otherOwner } from './spool-owner.ts';
import { spoolPaths } from './spool-paths.ts';

export const blockBytes = 4096;

export interface Usage {
  readonly messages: number;
  readonly bytes: number;
}

/** A pass over the names of a spool, counted. */
export interface Count {
  messages: number;
  blocks: number;
}

const fileMode = 0o600;

/** Bytes that are written at once. */
const writeBytes = 65_536;

export function addToCount(count: Count, sizeBytes: number): void {
  count.messages += 1;
  count.blocks += Math.ceil(sizeBytes / blockBytes);
}

function files(directory: ByteString): { readonly messages: ByteString; readonly blocks: ByteString } {
  const { tally } = spoolPaths(directory);
  return { messages: `${tally}/messages`, blocks: `${tally}/blocks` };
}

function fill(system: System, descriptor: Descriptor, sizeBytes: number): void {
  const piece = new Uint8Array(Math.min(sizeBytes, writeBytes)).fill(10);
  for (let left = sizeBytes; left > 0; left -= piece.length) {
    system.files.write(descriptor, piece.subarray(0, left));
  }
}

function append(system: System, path: ByteString, sizeBytes: number): void {
  const descriptor = system.files.open(path, 'append', fileMode);
  try {
    fill(system, descriptor, sizeBytes);
  } finally {
    system.files.close(descriptor);
  }
}

export function addToTally(system: System, directory: ByteString, sizeBytes: number): void {
  const { messages, blocks } = files(directory);
  if (otherOwner(system, spoolPaths(directory).tally) !== undefined) return;
  append(system, messages, 1);
  append(system, blocks, Math.ceil(sizeBytes / blockBytes));
}

/** Undefined when nobody has counted yet. */
export function readTally(system: System, directory: ByteString): Usage | undefined {
  const { messages, blocks } = files(directory);
  try {
    return {
      messages: system.files.status(messages).sizeBytes,
      bytes: system.files.status(blocks).sizeBytes * blockBytes,
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeTally(system: System, directory: ByteString, count: Count): void {
  const { messages, blocks } = files(directory);
  for (const [path, size] of [
    [messages, count.messages],
    [blocks, count.blocks],
  ] as const) {
    const fresh = `${path}.${newId(system.random)}`;
    const descriptor = system.files.open(fresh, 'create', fileMode);
    try {
      giveToOwner(system, descriptor, spoolPaths(directory).tally);
      fill(system, descriptor, size);
    } finally {
      system.files.close(descriptor);
    }
    system.files.rename(fresh, path);
  }
}

/** Looks at every name of the spool, and remembers what there is. */
export function countAgain(system: System, directory: ByteString): Usage {
  const count: Count = { messages: 0, blocks: 0 };
  system.files.visit(spoolPaths(directory).queue, (name) => {
    const found = parseSpoolName(name);
    if (found.kind === 'entry') addToCount(count, found.entry.sizeBytes);
  });
  try {
    writeTally(system, directory, count);
  } catch {
    // What was counted is true all the same; the next who asks counts again.
  }
  return { messages: count.messages, bytes: count.blocks * blockBytes };
}
