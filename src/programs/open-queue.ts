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

/** Throws an Error that says why the queue of this home cannot be read. */
export function openQueue(home: ByteString): Reader {
  const path = storePath(nativeText(`${home}/queue`));
  try {
    // SQLite would only say that it is unable to open the file.
    accessSync(path, constants.R_OK);
    return openReader(path);
  } catch (error) {
    const reason = reasons[errorCode(error)] ?? errorText(error);
    throw new Error(`unable to read ${path}: ${reason}`, { cause: error });
  }
}
