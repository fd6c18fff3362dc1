/**
 * Starts a delivery worker as its user: no groups but the user's own, an environment of ours, and no descriptor but the
 * channel on which jobs come. Called as an ordinary user, it can start workers as that user alone.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { OwnCommand } from '../process/index.ts';
import type { Identity, WorkerProcess } from './worker-pool.ts';

/** The descriptor on which a worker finds its channel. */
export const channelDescriptor = 3;

export interface DeliveryWorkerOptions {
  /** Runs the worker's program. */
  readonly command: OwnCommand;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Throws when it cannot be started, and for uid 0: nobody delivers as root. */
export function startDeliveryWorker(identity: Identity, options: DeliveryWorkerOptions): WorkerProcess {
  const { uid, gid } = identity;
  if (!Number.isInteger(uid) || uid <= 0) throw new Error('not allowed to deliver as root');
  const { file, args } = options.command;
  const child = spawn(file, [...args], {
    cwd: '/',
    // With a group of its own no signal to the hub's reaches it; with one of them given, all other groups go.
    detached: true,
    env: { ...options.env },
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? undefined : signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  // Without descriptors to spare Node makes none, and says why in a moment.
  const channel = child.stdio?.[channelDescriptor] as Socket | undefined;
  if (channel === undefined) throw new Error('there are too few descriptors for a process');
  return { channel, kill: () => child.kill('SIGKILL'), ended };
}
