/** What is in a forwarding database or a binary list on descriptor 0, as the text that it can be made of again. */
import { fstatSync } from 'node:fs';
import { readCdb } from '../cdb/index.ts';
import { createSpill } from '../submit/index.ts';
import {
  type ByteString,
  type Descriptor,
  errorCode,
  errorText,
  type System,
  textOf,
} from '../system/index.ts';
import { aliasLimits } from './limits.ts';
import { readLines } from './lines.ts';
import { listLines } from './list.ts';
import { AliasProblem } from './problem.ts';
import { recordText } from './table-text.ts';

const inputDescriptor = 0;
const readBytes = 65_536;

/** The database at a descriptor, record by record. A damaged one stays damaged. */
function* databaseTexts(descriptor: Descriptor): Generator<ByteString, undefined> {
  try {
    for (const { key, data } of readCdb(descriptor, 'the input').records()) {
      yield recordText(textOf(key), textOf(data));
    }
  } catch (error) {
    if (errorCode(error) !== 'EPROTO') throw error;
    throw new AliasProblem('D', `bad database format: ${errorText(error)}`);
  }
}

/** What printforward prints, in pieces. A database is read at offsets, so what comes through a pipe is kept first. */
export function* showDatabase(system: System): Generator<ByteString, undefined> {
  if (fstatSync(inputDescriptor).isFile()) {
    yield* databaseTexts(inputDescriptor);
    return;
  }
  const kept = createSpill(system);
  try {
    const buffer = new Uint8Array(readBytes);
    for (let count = system.files.read(inputDescriptor, buffer); count > 0; ) {
      kept.write(buffer.subarray(0, count));
      count = system.files.read(inputDescriptor, buffer);
    }
    yield* databaseTexts(kept.descriptor());
  } finally {
    kept.close();
  }
}

/** What printmaillist prints, in pieces. */
export function showList(system: System): Iterable<ByteString> {
  const lineBytesMax = aliasLimits.commandBytesMax;
  const source = { descriptor: inputDescriptor, name: 'the input', separator: '\0', lineBytesMax } as const;
  return listLines(readLines(system, source));
}
