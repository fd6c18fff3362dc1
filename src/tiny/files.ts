/** Files and descriptors through the host. */
import type { ByteString, FileStatus, Files } from '../system/index.ts';
import { checked } from './checked.ts';
import { readBytes, writeBytes } from './descriptor-bytes.ts';
import { type Host, openHow } from './host.ts';
import { openLocked } from './open-locked.ts';
import { openTemporary } from './open-temporary.ts';
import { readStatus } from './status.ts';

const atPosition = -1;

export function tinyFiles(host: Host): Files {
  const check = (answer: number, call: string, path: ByteString) => checked(host, answer, call, path);

  function visit(directory: ByteString, take: (name: ByteString) => void): void {
    check(host.list(directory, take), 'scandir', directory);
  }

  function openEntry(path: ByteString): readonly [number, FileStatus] {
    const descriptor = check(host.open(path, openHow.entry, 0), 'open', path);
    try {
      return [descriptor, readStatus(host, descriptor, true)];
    } catch (error) {
      host.close(descriptor);
      throw error;
    }
  }

  return {
    open: (path, how, mode = 0o644) => check(host.open(path, openHow[how], mode), 'open', path),
    openLocked: (path, mode, timeoutMs) => openLocked(host, path, mode, timeoutMs),
    openTemporary: () => openTemporary(host),
    close(descriptor) {
      check(host.close(descriptor), 'close', `descriptor ${descriptor}`);
    },
    read: (descriptor, into) => readBytes(host, descriptor, into, atPosition),
    readAt: (descriptor, into, offsetBytes) => readBytes(host, descriptor, into, offsetBytes),
    write: (descriptor, bytes) => writeBytes(host, descriptor, bytes, atPosition),
    writeAt: (descriptor, bytes, offsetBytes) => writeBytes(host, descriptor, bytes, offsetBytes),
    sync(descriptor) {
      check(host.sync(descriptor), 'fsync', `descriptor ${descriptor}`);
    },
    async syncAside(descriptor) {
      check(host.sync(descriptor), 'fsync', `descriptor ${descriptor}`);
    },
    rename(from, to) {
      check(host.rename(from, to), 'rename', `${from}' -> '${to}`);
    },
    unlink(path) {
      check(host.unlink(path), 'unlink', path);
    },
    async unlinkAside(path) {
      check(host.unlink(path), 'unlink', path);
    },
    makeDirectory(path, mode) {
      check(host.makeDirectory(path, mode), 'mkdir', path);
    },
    list(directory) {
      const names: ByteString[] = [];
      visit(directory, (name) => {
        names.push(name);
      });
      return names;
    },
    visit,
    freeBytes: (path) => check(host.freeBytes(path), 'statfs', path),
    isTerminal: (descriptor) => host.isTerminal(descriptor) === 1,
    status: (path) => readStatus(host, path, true),
    entryStatus: (path) => readStatus(host, path, false),
    openEntry,
    setMode(path, mode) {
      check(host.setMode(path, mode), 'chmod', path);
    },
    setOwner(descriptor, uid) {
      check(host.setOwner(descriptor, uid), 'fchown', `descriptor ${descriptor}`);
    },
  };
}
