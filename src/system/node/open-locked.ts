/**
 * flock(2) without a call for it: the flock program of util-linux locks the descriptor that it inherits. The lock
 * belongs to the open file, so it stays when the program ends and goes when the descriptor is closed.
 */
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import type { ByteString } from '../bytes.ts';
import type { Descriptor } from '../system.ts';
import { errorCode, errorText, SystemError } from '../system-error.ts';
import { nativePath } from './paths.ts';
import { runProgram } from './run.ts';

/** O_NONBLOCK: a FIFO that nobody reads is an error, and not waited for. */
const appendFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** flock's exit code when the time is over. */
const exitBusy = 1;

/** The descriptor's number in the flock program. */
const lockDescriptor = 3;

function lock(descriptor: Descriptor, timeoutMs: number): boolean {
  const args = ['-x', '-w', String(Math.max(0, Math.ceil(timeoutMs / 1000))), String(lockDescriptor)];
  let exitCode: number | undefined;
  try {
    exitCode = runProgram({ program: 'flock', args, descriptors: { [lockDescriptor]: descriptor } });
  } catch (error) {
    throw new SystemError(errorCode(error), `the program flock cannot be run: ${errorText(error)}`, error);
  }
  if (exitCode === 0) return true;
  if (exitCode === exitBusy) return false;
  throw new SystemError('ENOLCK', `the program flock ended with ${exitCode ?? 'a signal'}`);
}

/** Whoever held the lock may have put another file in the place of the one that was waited for. */
function isStillThere(descriptor: Descriptor, path: ByteString): boolean {
  const opened = fstatSync(descriptor, { bigint: true });
  const found = statSync(nativePath(path), { bigint: true, throwIfNoEntry: false });
  return found !== undefined && found.dev === opened.dev && found.ino === opened.ino;
}

/** By the contract of Files.openLocked. */
export function openLocked(path: ByteString, mode: number, timeoutMs: number): Descriptor | undefined {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const descriptor = openSync(nativePath(path), appendFlags, mode);
    let kept = false;
    try {
      if (!lock(descriptor, endMs - Date.now())) return undefined;
      kept = isStillThere(descriptor, path);
      if (kept) return descriptor;
    } finally {
      if (!kept) closeSync(descriptor);
    }
  }
}
