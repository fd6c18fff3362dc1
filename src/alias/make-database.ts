/** Makes forwarding databases: from a table on descriptor 0, and from an alias file. */
import { createCdb } from '../cdb/index.ts';
import { type ByteString, type System, textOf } from '../system/index.ts';
import { type AliasSource, aliasRecords, type ForwardingRecord } from './aliases.ts';
import { aliasLimits } from './limits.ts';
import { readLines } from './lines.ts';
import { openSource } from './open-source.ts';
import { createTableParser } from './table.ts';
import type { WholeFile } from './whole-file.ts';

const inputDescriptor = 0;
const readBytes = 65_536;

type AddRecord = (record: ForwardingRecord) => void;

/** The database appears when `fill` has come to its end, or not at all. */
function makeDatabase(file: WholeFile, fill: (add: AddRecord) => void): void {
  const writer = createCdb(file);
  try {
    fill(([key, data]) => writer.add(key, data));
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** What setforward does. */
export function makeFromTable({ files }: System, file: WholeFile): void {
  makeDatabase(file, (add) => {
    const parser = createTableParser(add);
    const buffer = new Uint8Array(readBytes);
    for (let count = files.read(inputDescriptor, buffer); count > 0; ) {
      parser.feed(textOf(buffer, 0, count));
      count = files.read(inputDescriptor, buffer);
    }
    parser.finish();
  });
}

export type AliasReading = Omit<AliasSource, 'lines'>;

/** What newaliases does: PATH becomes PATH.cdb, by way of PATH.tmp. */
export function makeFromAliases(system: System, path: ByteString, reading: AliasReading): void {
  const descriptor = openSource(path);
  try {
    const source = {
      descriptor,
      name: path,
      separator: '\n',
      lineBytesMax: aliasLimits.aliasBytesMax,
    } as const;
    makeDatabase({ path: `${path}.cdb`, temporary: `${path}.tmp` }, (add) => {
      for (const record of aliasRecords({ ...reading, lines: readLines(system, source) })) add(record);
    });
  } finally {
    system.files.close(descriptor);
  }
}
