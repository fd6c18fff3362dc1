/** Opens a file that a user has named or written, without waiting for anybody: a FIFO would hold up the delivery. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type ByteString, type Descriptor, SystemError } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';

const worldReadable = 0o444;

export interface Opening {
  /** The file must be a regular one that everybody may read: another user owns it, and must not learn more by us. */
  readonly public?: boolean;
}

/** The caller closes it. A device such as /dev/null may stand for a file that is not public. */
export function openSource(path: ByteString, opening: Opening = {}): Descriptor {
  const descriptor = openSync(nativePath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    const taken = status.isFile() || (status.isCharacterDevice() && opening.public !== true);
    if (!taken) throw new SystemError('EINVAL', `${path} is no regular file`);
    if (opening.public && (status.mode & worldReadable) !== worldReadable) {
      throw new SystemError('EACCES', `${path} is not readable by everybody`);
    }
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
