/**
 * Names of files in a Maildir, of which no two are the same (maildir(5)):
 *
 *     name = seconds "." "M" microseconds "P" pid "Q" sequence [ "I" inode ] "." host
 *
 * One process never makes the same name twice, since it counts; the inode number, in hexadecimal, is there as soon as
 * the file is.
 */
import { hostname } from 'node:os';
import type { ByteString } from '../system/index.ts';

let sequence = 0;

/** A host's name where it may stand in a file's name: "/" separates directories, ":" begins a reader's flags. */
export function hostInName(host: ByteString): ByteString {
  return host.replaceAll('/', '\\057').replaceAll(':', '\\072');
}

const host = hostInName(hostname());

/** A new name, first without and then with the file's inode number. */
export function maildirName(nowMs: number = Date.now()): (inode?: bigint) => ByteString {
  const microseconds = Math.floor((nowMs % 1000) * 1000);
  const moment = `${Math.floor(nowMs / 1000)}.M${microseconds}P${process.pid}Q${sequence}`;
  sequence += 1;
  return (inode) => `${moment}${inode === undefined ? '' : `I${inode.toString(16)}`}.${host}`;
}
