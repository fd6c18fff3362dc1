/** The queue as programs see it that only look: read without disturbing the qmail-send that owns it, or when none runs. */
import { accessSync, constants } from 'node:fs';
import { openReader, type Reader, storePath } from '../queue/index.ts';
import { type ByteString, errorCode, errorText } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no queue; qmail-send makes it when it starts',
  ENOTDIR: 'there is no queue; qmail-send makes it when it starts',
  EACCES: 'only root and the user that qmail-send runs as may read it',
};

/** The store's file of this home, as the system names it. */
export function queueFile(home: ByteString): string {
  return storePath(nativeText(`${home}/queue`));
}

function unreadable(path: string, error: unknown): Error {
  const reason = reasons[errorCode(error)] ?? errorText(error);
  // The store's own errors name it already.
  const named = reason.startsWith(`${path}: `) ? reason : `${path}: ${reason}`;
  return new Error(`unable to read ${named}`, { cause: error });
}

/** Throws an Error that says why there is no file to read; SQLite would only say that it is unable to open it. */
export function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Throws an Error that says why the queue of this home cannot be read. */
export function openQueue(home: ByteString): Reader {
  const path = queueFile(home);
  requireReadable(path);
  try {
    return openReader(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
