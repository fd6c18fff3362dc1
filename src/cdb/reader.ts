/**
 * Reads a constant database (format.ts). Nothing in the file is believed: every position and length is compared with
 * the size of the file, and with a limit, before anything is read or allocated, and a search ends after one turn
 * through its table. What is wrong throws a SystemError, EPROTO, that names the file.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteString, SystemError } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import {
  type CdbBytes,
  cdbBytes,
  cdbHash,
  fileBytesMax,
  firstSlot,
  headerBytes,
  pairBytes,
  tableCount,
  tableOf,
} from './format.ts';

export interface CdbRecord {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

/** An open database. It shows the file as it was opened: one that takes its name later is another. */
export interface Cdb {
  /** The data of the first record with this key. */
  get(key: CdbBytes): Uint8Array | undefined;
  /** The data of all records with this key, in the order in which they were added. */
  all(key: CdbBytes): Iterable<Uint8Array>;
  /** All records, in the order in which they were added. */
  records(): Iterable<CdbRecord>;
  close(): void;
}

export interface CdbReading {
  /** Larger keys and data are taken for damage. */
  readonly recordBytesMax?: number;
}

const recordBytesMaxDefault = 16 * 1024 * 1024;

/** How much of a table one read brings, in slots. */
const slotsPerRead = 32;

interface Table {
  readonly position: number;
  readonly slots: number;
}

interface Head {
  readonly keyBytes: number;
  readonly dataBytes: number;
}

/** `name` is what errors call the file. The descriptor stays the caller's; it must be a file, with a whole header. */
export function readCdb(
  descriptor: number,
  name: string,
  { recordBytesMax = recordBytesMaxDefault }: CdbReading = {},
): Omit<Cdb, 'close'> {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw new SystemError('EPROTO', `${name} is no regular file`);
  const sizeBytes = Math.min(status.size, fileBytesMax);

  function damaged(what: string): never {
    throw new SystemError('EPROTO', `${name} is no constant database or damaged: ${what}`);
  }

  function read(position: number, lengthBytes: number, what: string): Uint8Array {
    if (position + lengthBytes > sizeBytes) damaged(`${what} at ${position} lies beyond the end`);
    const bytes = new Uint8Array(lengthBytes);
    for (let done = 0; done < lengthBytes; ) {
      const count = readSync(descriptor, bytes, done, lengthBytes - done, position + done);
      if (count === 0) damaged(`${what} at ${position} was cut off while it was read`);
      done += count;
    }
    return bytes;
  }

  function pairs(position: number, count: number, what: string): DataView {
    return new DataView(read(position, count * pairBytes, what).buffer);
  }

  const header = pairs(0, tableCount, 'the header');

  function tableAt(index: number): Table {
    const offset = index * pairBytes;
    const table = { position: header.getUint32(offset, true), slots: header.getUint32(offset + 4, true) };
    if (table.slots === 0) return table;
    if (table.position < headerBytes || table.position + table.slots * pairBytes > sizeBytes) {
      damaged(`a table at ${table.position} with ${table.slots} slots`);
    }
    return table;
  }

  function headAt(position: number): Head {
    const view = pairs(position, 1, 'a record');
    const head = { keyBytes: view.getUint32(0, true), dataBytes: view.getUint32(4, true) };
    if (position + pairBytes + head.keyBytes + head.dataBytes > sizeBytes)
      damaged(`the record at ${position} lies beyond the end`);
    return head;
  }

  function limited(lengthBytes: number, position: number): number {
    if (lengthBytes > recordBytesMax)
      damaged(`the record at ${position} has more than ${recordBytesMax} bytes`);
    return lengthBytes;
  }

  /** The data of the record there, if it has this key. */
  function matching(position: number, key: Uint8Array): Uint8Array | undefined {
    const { keyBytes, dataBytes } = headAt(position);
    if (keyBytes !== key.length) return undefined;
    const found = read(position + pairBytes, keyBytes, 'a key');
    if (!found.every((byte, index) => byte === key[index])) return undefined;
    return read(position + pairBytes + keyBytes, limited(dataBytes, position), 'data');
  }

  function* all(key: CdbBytes): Generator<Uint8Array, undefined> {
    const wanted = cdbBytes(key);
    const hash = cdbHash(wanted);
    const table = tableAt(tableOf(hash));
    if (table.slots === 0) return;
    let slot = firstSlot(hash, table.slots);
    for (let seen = 0; seen < table.slots; ) {
      // Up to the end of the table, and not once more round it.
      const count = Math.min(slotsPerRead, table.slots - slot, table.slots - seen);
      const view = pairs(table.position + slot * pairBytes, count, 'a slot');
      for (let offset = 0; offset < view.byteLength; offset += pairBytes) {
        const position = view.getUint32(offset + 4, true);
        if (position === 0) return;
        if (view.getUint32(offset, true) !== hash) continue;
        const data = matching(position, wanted);
        if (data !== undefined) yield data;
      }
      seen += count;
      slot = (slot + count) % table.slots;
    }
  }

  /** The records end where the first of the tables begins. */
  function recordsEnd(): number {
    let end = fileBytesMax;
    for (let index = 0; index < tableCount; index += 1) {
      const { position, slots } = tableAt(index);
      if (slots > 0) end = Math.min(end, position);
    }
    return end === fileBytesMax ? headerBytes : end;
  }

  return {
    get: (key) => all(key).next().value,
    all,
    *records() {
      const end = recordsEnd();
      for (let position = headerBytes; position < end; ) {
        const { keyBytes, dataBytes } = headAt(position);
        const keyPosition = position + pairBytes;
        const next = keyPosition + keyBytes + dataBytes;
        if (next > end) damaged(`the record at ${position} reaches into a table`);
        yield {
          key: read(keyPosition, limited(keyBytes, position), 'a key'),
          data: read(keyPosition + keyBytes, limited(dataBytes, position), 'data'),
        };
        position = next;
      }
    },
  };
}

/** Opens a database. Throws when it cannot be opened, as with ENOENT, or is none. */
export function openCdb(path: ByteString, reading: CdbReading = {}): Cdb {
  // What is no regular file is refused, and must not make us wait before that.
  const descriptor = openSync(nativePath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { ...readCdb(descriptor, path, reading), close: () => closeSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
