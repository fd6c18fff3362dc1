/**
 * Delivery to an mbox: appended under a lock, put on stable storage, taken back when something fails (mbox(5)).
 * Deliveries of this process to the same file wait for each other, and share one lock and one sync. What a crash has
 * cut off within a line is ended before the next message, which a reader would not find otherwise.
 */
import { close, constants, fstat, fsync, ftruncate, open, read, stat } from 'node:fs';
import { promisify } from 'node:util';
import { createMboxQuoter, type MessageBody } from '../mail/index.ts';
import { type Answer, type ByteString, bytesOf, errorCode } from '../system/index.ts';
import { nativePath, releaseBuffer } from '../system/node/index.ts';
import { syncDirectory } from './directory-sync.ts';
import { lockFile } from './file-lock.ts';
import { deferral, reasonOf } from './report.ts';
import { writeAll, writeStream } from './write-all.ts';

const openFile = promisify(open);
const fileStatus = promisify(fstat);
const pathStatus = promisify(stat);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);
const readFile = promisify(read);
const closeFile = promisify(close);

/** O_NONBLOCK: a FIFO that nobody reads must not hold a thread for ever. */
const appendFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;

const lineEnd = 10;

/** How long another program may hold the lock. */
const lockSecondsMax = 30;

type Outcome = Answer | undefined;

interface Delivery {
  readonly head: Uint8Array;
  readonly body: MessageBody;
  settle(outcome: Outcome): void;
}

/** Deliveries that wait, by file. A file that is in the map has somebody who works on it. */
const waiting = new Map<ByteString, Delivery[]>();

function* quoted(body: MessageBody): Generator<Uint8Array> {
  const quoter = createMboxQuoter();
  for (const chunk of body.chunks()) {
    const piece = quoter.feed(chunk);
    yield piece;
    // A copy with lines quoted is ours, and written by now.
    if (piece.buffer !== chunk.buffer) releaseBuffer(piece);
  }
  yield quoter.end();
}

/** Appends one message, or takes back what was written of it. */
async function append(descriptor: number, shown: ByteString, delivery: Delivery): Promise<Outcome> {
  const { size } = await fileStatus(descriptor);
  try {
    await writeStream(descriptor, delivery.head, quoted(delivery.body));
    return undefined;
  } catch (error) {
    await truncateFile(descriptor, size);
    return deferral(`Unable to write ${shown}: ${reasonOf(error)}. (#4.3.0)`);
  }
}

/** Whether a file of this size ends within a line. One that may not be read is taken as it is. */
async function isCutOff(path: ByteString, size: number): Promise<boolean> {
  if (size === 0) return false;
  let descriptor: number;
  try {
    descriptor = await openFile(nativePath(path), readFlags);
  } catch {
    return false;
  }
  try {
    const { bytesRead, buffer } = await readFile(descriptor, new Uint8Array(1), 0, 1, size - 1);
    return bytesRead === 1 && buffer[0] !== lineEnd;
  } finally {
    await closeFile(descriptor);
  }
}

/** The directory that a file is in. */
function parentOf(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/') + 1) || '.';
}

/** Appends all of them under the lock. Returns one outcome for each. */
async function appendLocked(
  descriptor: number,
  path: ByteString,
  shown: ByteString,
  deliveries: readonly Delivery[],
): Promise<readonly Outcome[]> {
  const { size } = await fileStatus(descriptor);
  const outcomes: Outcome[] = [];
  try {
    if (await isCutOff(path, size)) await writeAll(descriptor, [bytesOf('\n\n')]);
    for (const delivery of deliveries) outcomes.push(await append(descriptor, shown, delivery));
    if (!outcomes.includes(undefined)) return outcomes;
    await syncFile(descriptor);
    // It may have been made just now: then its name is not on the disk yet.
    if (size === 0) await syncDirectory(parentOf(path));
  } catch (error) {
    await truncateFile(descriptor, size);
    throw error;
  }
  return outcomes;
}

/**
 * Whoever held the lock may have put another file in the place of the one that was waited for, as maildir2mbox does, or
 * have removed it: what would be appended then, nobody would ever see.
 */
async function isStillThere(descriptor: number, path: ByteString): Promise<boolean> {
  const opened = await fileStatus(descriptor, { bigint: true });
  try {
    const found = await pathStatus(nativePath(path), { bigint: true });
    return found.dev === opened.dev && found.ino === opened.ino;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Returns one outcome for each, or one for all. */
async function deliverAll(
  path: ByteString,
  shown: ByteString,
  deliveries: readonly Delivery[],
): Promise<readonly Outcome[] | Answer> {
  let descriptor: number;
  try {
    descriptor = await openFile(nativePath(path), appendFlags, 0o600);
  } catch (error) {
    return deferral(`Unable to open ${shown}: ${reasonOf(error)}. (#4.2.1)`);
  }
  try {
    if (!(await lockFile(descriptor, lockSecondsMax))) {
      return deferral(`${shown} has been locked for ${lockSecondsMax} seconds straight. (#4.3.0)`);
    }
    if (!(await isStillThere(descriptor, path))) return await deliverAll(path, shown, deliveries);
    return await appendLocked(descriptor, path, shown, deliveries);
  } catch (error) {
    return deferral(`Unable to write ${shown}: ${reasonOf(error)}. (#4.3.0)`);
  } finally {
    await closeFile(descriptor);
  }
}

async function work(path: ByteString, shown: ByteString): Promise<void> {
  for (;;) {
    const deliveries = waiting.get(path) ?? [];
    if (deliveries.length === 0) break;
    waiting.set(path, []);
    const outcomes = await deliverAll(path, shown, deliveries).catch((error: unknown) =>
      deferral(`Unable to close ${shown}: ${reasonOf(error)}. (#4.3.0)`),
    );
    for (const [index, delivery] of deliveries.entries()) {
      delivery.settle('verdict' in outcomes ? outcomes : outcomes[index]);
    }
  }
  waiting.delete(path);
}

/** `shown` is what the user calls the file. Returns why the message was not delivered, or undefined. */
export function deliverToMbox(
  path: ByteString,
  shown: ByteString,
  head: Uint8Array,
  body: MessageBody,
): Promise<Outcome> {
  return new Promise((settle) => {
    const delivery = { head, body, settle };
    const others = waiting.get(path);
    if (others !== undefined) {
      others.push(delivery);
      return;
    }
    waiting.set(path, [delivery]);
    void work(path, shown);
  });
}
