/**
 * flock(2) without a call for it: the flock program of util-linux locks the descriptor that it inherits. The lock
 * belongs to the open file, so it stays when the program ends and goes when the descriptor is closed.
 */
import { spawn } from 'node:child_process';
import { errorCode, SystemError } from '../system/index.ts';

/** flock's exit code when the time is over. */
const exitBusy = 1;

/** The descriptor's number in the flock program. */
const lockDescriptor = 3;

/** Waits up to `seconds` for an exclusive lock. False: another process still holds it. */
export function lockFile(descriptor: number, seconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-x', '-w', String(seconds), String(lockDescriptor)], {
      stdio: ['ignore', 'ignore', 'ignore', descriptor],
    });
    child.once('error', (error) => {
      reject(new SystemError(errorCode(error), `the program flock cannot be run: ${error.message}`, error));
    });
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(true);
      else if (code === exitBusy) resolve(false);
      else reject(new SystemError('ENOLCK', `the program flock ended with ${code ?? signal}`));
    });
  });
}
