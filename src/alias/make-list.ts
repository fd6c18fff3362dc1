/** Makes binary lists: from lines on descriptor 0, and from an :include: file. */
import type { ByteString, Descriptor, System } from '../system/index.ts';
import type { Completion } from './completion.ts';
import { includeEntries } from './include-list.ts';
import { aliasLimits } from './limits.ts';
import { type Line, readLines } from './lines.ts';
import { listEntries } from './list.ts';
import { openSource } from './open-source.ts';
import { type WholeFile, writeWhole } from './whole-file.ts';

const inputDescriptor = 0;

function linesOf(system: System, descriptor: Descriptor, name: string): Iterable<Line> {
  const lineBytesMax = aliasLimits.commandBytesMax;
  return readLines(system, { descriptor, name, separator: '\n', lineBytesMax });
}

/** What setmaillist does. */
export function makeFromLines(system: System, file: WholeFile): void {
  writeWhole(system, file, listEntries(linesOf(system, inputDescriptor, 'the input')));
}

/** What newinclude does: PATH becomes PATH.bin, by way of PATH.tmp. */
export function makeFromInclude(system: System, path: ByteString, completion: Completion): void {
  const descriptor = openSource(path);
  try {
    const file = { path: `${path}.bin`, temporary: `${path}.tmp` };
    writeWhole(system, file, includeEntries(linesOf(system, descriptor, path), completion));
  } finally {
    system.files.close(descriptor);
  }
}
