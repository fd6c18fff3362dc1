/**
 * Delivery to a Maildir (maildir(5)). The message is written under tmp/, put on stable storage, and moved to new/;
 * then new/ itself is put on stable storage, and only then is it delivered. Whatever fails, nothing of it stays.
 *
 * It is moved with rename and not with link and unlink, which is one trip to the disk less. The name that it gets under
 * new/ holds the number of its own inode, which no other file there can have, so nothing can be overwritten. It ends with
 * the size that POP3 tells, so that nobody need read the message for that.
 */
import { closeSync, fstatSync, stat, unlink } from 'node:fs';
import { promisify } from 'node:util';
import { createOctetCount, type MessageBody, type OctetCount, octetsMark } from '../mail/index.ts';
import { type Answer, type ByteString, errorCode } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { type Disk, threadedDisk } from './disk.ts';
import { maildirName } from './maildir-name.ts';
import { deferral, reasonOf } from './report.ts';
import { writeStream } from './write-all.ts';

const unlinkFile = promisify(unlink);
const fileStatus = promisify(stat);

/** How many names are tried when a file of that name is already there. */
const nameAttemptsMax = 3;

interface Created {
  readonly descriptor: number;
  readonly path: ByteString;
  /** The name under new/. */
  finalName(): ByteString;
}

async function create(directory: ByteString, disk: Disk): Promise<Created> {
  for (let attempt = 1; ; attempt += 1) {
    const name = maildirName();
    const path = `${directory}tmp/${name()}`;
    try {
      const descriptor = await disk.create(path);
      return { descriptor, path, finalName: () => name(fstatSync(descriptor, { bigint: true }).ino) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || attempt === nameAttemptsMax) throw error;
    }
  }
}

/** Removes what a delivery that failed has left. It may never have got there. */
async function remove(path: ByteString): Promise<void> {
  try {
    await unlinkFile(nativePath(path));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** The pieces as they come, which are counted. */
function* counted(pieces: Iterable<Uint8Array>, octets: OctetCount): Generator<Uint8Array> {
  for (const piece of pieces) {
    octets.feed(piece);
    yield piece;
  }
}

async function deliver(
  directory: ByteString,
  head: Uint8Array,
  body: MessageBody,
  disk: Disk,
): Promise<void> {
  const { descriptor, path, finalName } = await create(directory, disk);
  const octets = createOctetCount();
  let left = path;
  try {
    try {
      octets.feed(head);
      await writeStream(descriptor, head, counted(body.chunks(), octets), disk.write);
      await disk.sync(descriptor);
      const final = `${directory}new/${finalName()}${octetsMark(octets.total())}`;
      await disk.rename(path, final);
      left = final;
    } finally {
      // Its bytes are on the disk, or it is removed.
      closeSync(descriptor);
    }
    await disk.syncDirectory(`${directory}new`);
  } catch (error) {
    await remove(left);
    throw error;
  }
}

async function isDirectory(path: ByteString): Promise<boolean> {
  try {
    return (await fileStatus(nativePath(path))).isDirectory();
  } catch {
    // Why it cannot be entered is in the error that led here.
    return false;
  }
}

/**
 * `directory` ends with "/"; `shown` is what the user calls it. `head` is what comes before the message.
 * Returns why the message was not delivered, or undefined.
 */
export async function deliverToMaildir(
  directory: ByteString,
  shown: ByteString,
  head: Uint8Array,
  body: MessageBody,
  disk: Disk = threadedDisk,
): Promise<Answer | undefined> {
  try {
    await deliver(directory, head, body, disk);
    return undefined;
  } catch (error) {
    if (!(await isDirectory(directory))) {
      return deferral(`Unable to enter maildir ${shown}: ${reasonOf(error)}. (#4.2.1)`);
    }
    return deferral(`Unable to deliver to maildir ${shown}: ${reasonOf(error)}. (#4.3.0)`);
  }
}
