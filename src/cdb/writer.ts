/**
 * Writes a constant database (format.ts), byte for byte as cdbmake does. Records go to a temporary file as they come;
 * when it is whole and on stable storage it takes the name of the database, so that readers see the old one or the
 * new one. What is kept in memory is 8 bytes for each record.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type ByteString, errorCode, SystemError } from '../system/index.ts';
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

export interface CdbWriting {
  /** The database: what has this name is replaced at the end. */
  readonly path: ByteString;
  /** Where it is written, in the same file system. What a run that was cut short left there is removed. */
  readonly temporary: ByteString;
  /** Permission bits, whatever the umask. */
  readonly mode?: number;
}

export interface CdbWriter {
  /** Throws EFBIG when the file would exceed 4 GB. */
  add(key: CdbBytes, data: CdbBytes): void;
  /** Makes it the database. */
  finish(): void;
  /** Removes what was written; to be called when anything failed. */
  abandon(): void;
}

const bufferBytes = 65536;

/** Every record takes two slots. */
const tableBytesPerRecord = 2 * pairBytes;

function removeLeftover(path: string | Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** A file's end, written through a buffer. */
function createOutput(descriptor: number) {
  const buffer = new Uint8Array(bufferBytes);
  let used = 0;

  function writeOut(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  }
  function flush(): void {
    writeOut(buffer.subarray(0, used));
    used = 0;
  }
  function write(bytes: Uint8Array): void {
    if (used + bytes.length > bufferBytes) flush();
    if (bytes.length > bufferBytes) writeOut(bytes);
    else {
      buffer.set(bytes, used);
      used += bytes.length;
    }
  }
  return { write, flush };
}

/** Numbers of 32 bits, as many as come. */
function createNumbers() {
  let numbers = new Uint32Array(1024);
  let length = 0;
  return {
    push(number: number): void {
      if (length === numbers.length) {
        const larger = new Uint32Array(2 * length);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[length] = number;
      length += 1;
    },
    all: () => numbers.subarray(0, length),
  };
}

/** The slots of one table: hash and position by turns. */
function fillTable(hashes: readonly number[], positions: readonly number[]): Uint8Array {
  const slots = 2 * hashes.length;
  const view = new DataView(new ArrayBuffer(slots * pairBytes));
  hashes.forEach((hash, index) => {
    let slot = firstSlot(hash, slots);
    while (view.getUint32(slot * pairBytes + 4, true) !== 0) slot = (slot + 1) % slots;
    view.setUint32(slot * pairBytes, hash, true);
    view.setUint32(slot * pairBytes + 4, positions[index] ?? 0, true);
  });
  return new Uint8Array(view.buffer);
}

function pair(one: number, other: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(pairBytes));
  view.setUint32(0, one, true);
  view.setUint32(4, other, true);
  return new Uint8Array(view.buffer);
}

function syncDirectoryOf(path: ByteString): void {
  const slash = path.lastIndexOf('/');
  const directory = slash < 0 ? '.' : path.slice(0, slash) || '/';
  const descriptor = openSync(nativePath(directory), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function createCdb({ path, temporary, mode = 0o644 }: CdbWriting): CdbWriter {
  const temporaryPath = nativePath(temporary);
  removeLeftover(temporaryPath);
  // A name that somebody else made meanwhile, or a symbolic link, is not followed.
  const descriptor = openSync(temporaryPath, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  const output = createOutput(descriptor);
  const hashes = createNumbers();
  const positions = createNumbers();
  let position = headerBytes;
  let records = 0;
  let isOpen = true;
  const { ino, dev } = fstatSync(descriptor);

  function close(): void {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  }

  /** Whether the temporary name is still that of our file: another writer with the same one may have taken it. */
  function isOurs(): boolean {
    const named = lstatSync(temporaryPath, { throwIfNoEntry: false });
    return named?.ino === ino && named.dev === dev;
  }

  function add(key: CdbBytes, data: CdbBytes): void {
    const keyBytes = cdbBytes(key);
    const dataBytes = cdbBytes(data);
    const next = position + pairBytes + keyBytes.length + dataBytes.length;
    if (next + (records + 1) * tableBytesPerRecord > fileBytesMax)
      throw new SystemError('EFBIG', `${path} would exceed ${fileBytesMax} bytes`);
    output.write(pair(keyBytes.length, dataBytes.length));
    output.write(keyBytes);
    output.write(dataBytes);
    hashes.push(cdbHash(keyBytes));
    positions.push(position);
    position = next;
    records += 1;
  }

  /** Writes the tables behind the records; returns the header. */
  function writeTables(): Uint8Array {
    const byTable = Array.from({ length: tableCount }, (): { hashes: number[]; positions: number[] } => ({
      hashes: [],
      positions: [],
    }));
    const all = positions.all();
    hashes.all().forEach((hash, index) => {
      byTable[tableOf(hash)]?.hashes.push(hash);
      byTable[tableOf(hash)]?.positions.push(all[index] ?? 0);
    });
    const header = new Uint8Array(headerBytes);
    byTable.forEach((table, index) => {
      const slots = fillTable(table.hashes, table.positions);
      header.set(pair(position, slots.length / pairBytes), index * pairBytes);
      output.write(slots);
      position += slots.length;
    });
    return header;
  }

  function finish(): void {
    const header = writeTables();
    output.flush();
    for (let done = 0; done < headerBytes; )
      done += writeSync(descriptor, header, done, headerBytes - done, done);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
    if (!isOurs()) throw new SystemError('EBUSY', `${temporary} is being written by another program`);
    close();
    renameSync(temporaryPath, nativePath(path));
    syncDirectoryOf(path);
  }

  function abandon(): void {
    if (isOurs()) rmSync(temporaryPath, { force: true });
    close();
  }

  output.write(new Uint8Array(headerBytes));
  return { add, finish, abandon };
}

/** A whole database. When a record cannot be had or written, what was there before stays and the error is thrown. */
export function writeCdb(
  writing: CdbWriting,
  records: Iterable<readonly [key: CdbBytes, data: CdbBytes]>,
): void {
  const writer = createCdb(writing);
  try {
    for (const [key, data] of records) writer.add(key, data);
    writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
