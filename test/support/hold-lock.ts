/** Another process that holds a file's lock, as a mail reader does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface LockHolder {
  release(): Promise<void>;
}

/** Resolves when the lock is held. */
export async function holdLock(path: string): Promise<LockHolder> {
  const child = spawn('flock', ['-x', path, 'sh', '-c', 'echo held; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    async release() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
