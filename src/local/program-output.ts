/**
 * What a program prints, on a FIFO without a name that is its descriptors 1 and 2. Node's own pipes for a child are
 * sockets, and a shell cannot open a socket again as /dev/stderr, which commands do. The name is used once, by mkfifo;
 * a FIFO that nobody writes to any more serves the next program.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ByteString, concatBytes, errorCode, SystemError, textOf } from '../system/index.ts';

const run = promisify(execFile);

const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** What a FIFO holds (pipe(7)). */
const capacityBytes = 65_536;

/** Descriptors of FIFOs that wait for their next use, and how many may. */
const idle: number[] = [];
const idleMax = 8;

export interface ProgramOutput {
  /** What the program writes to, until it is started. */
  readonly descriptor: number;
  /** Resolves when it has printed more than it may; never otherwise. */
  readonly flood: Promise<void>;
  /** To be called when the program has its copy of the descriptor. */
  started(): void;
  /** What was printed up to now, as much of it as is kept. For when the program has ended. */
  finish(): ByteString;
  close(): void;
}

/** Makes a FIFO and opens it for reading. */
async function makeFifo(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'mini-qmail-'));
  try {
    const path = join(directory, 'output');
    await run('mkfifo', ['-m', '600', path]).catch((error: unknown) => {
      throw new SystemError(errorCode(error), 'the program mkfifo cannot be run', error);
    });
    return openSync(path, readFlags);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Reads what a FIFO holds now, which is no more than it can hold. Returns whether anybody may still write to it. */
function drain(descriptor: number, take: (bytes: Uint8Array) => void): boolean {
  const buffer = new Uint8Array(capacityBytes);
  let sizeBytes = 0;
  try {
    while (sizeBytes < capacityBytes) {
      const count = readSync(descriptor, buffer);
      if (count === 0) return false;
      sizeBytes += count;
      take(buffer.slice(0, count));
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return true;
    throw error;
  }
}

/** Keeps the first bytes, counts all of them, and tells when they are too many. */
function createCollector(keptBytesMax: number, bytesMax: number, onFlood: () => void) {
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  let sizeBytes = 0;
  return {
    take(bytes: Uint8Array) {
      sizeBytes += bytes.length;
      if (keptBytes < keptBytesMax) {
        const part = bytes.slice(0, keptBytesMax - keptBytes);
        kept.push(part);
        keptBytes += part.length;
      }
      if (sizeBytes > bytesMax) onFlood();
    },
    text: () => textOf(concatBytes(kept)),
  };
}

/** A new description of the same FIFO, so that what one of them is set to does not concern the other. */
function reopen(fifo: number, flags: number): number {
  return openSync(`/proc/self/fd/${fifo}`, flags);
}

interface Ends {
  readonly reader: number;
  readonly writer: number;
}

/** The writing end comes first: a reader that finds no writer believes that all is over. */
function openEnds(fifo: number): Ends {
  const writer = reopen(fifo, constants.O_WRONLY);
  try {
    return { writer, reader: reopen(fifo, readFlags) };
  } catch (error) {
    closeSync(writer);
    throw error;
  }
}

/** Keeps up to `keptBytesMax` of what is printed; more than `bytesMax` is a flood. */
export async function openProgramOutput(keptBytesMax: number, bytesMax: number): Promise<ProgramOutput> {
  const fifo = idle.pop() ?? (await makeFifo());
  let ends: Ends;
  try {
    ends = openEnds(fifo);
  } catch (error) {
    closeSync(fifo);
    throw error;
  }
  const flood = Promise.withResolvers<void>();
  const collector = createCollector(keptBytesMax, bytesMax, flood.resolve);
  const socket = new Socket({ fd: ends.reader, readable: true, writable: false });
  socket.on('data', collector.take);
  // What cannot be read is not in the report; the program's exit code is what counts.
  socket.on('error', () => socket.destroy());
  let writable = true;
  let isUsed = true;

  const started = () => {
    if (writable) closeSync(ends.writer);
    writable = false;
  };
  return {
    descriptor: ends.writer,
    flood: flood.promise,
    started,
    finish() {
      socket.destroy();
      isUsed = drain(fifo, collector.take);
      return collector.text();
    },
    close() {
      started();
      socket.destroy();
      if (isUsed || idle.length >= idleMax) closeSync(fifo);
      else idle.push(fifo);
    },
  };
}
