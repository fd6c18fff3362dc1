/**
 * Starts a checkpassword program, and what it runs for whom it lets in: the login on descriptor 3, which is a pipe that
 * nobody else reads, and an environment of which no variable comes from the peer but its address.
 */

import { type ChildProcess, type StdioNull, type StdioPipe, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { resolve as absolute } from 'node:path';
import type { ByteString } from '../../system/index.ts';
import { nativeText } from '../../system/node/index.ts';

/** A program, by its path or a name that is looked for along $PATH, and its first arguments. */
export type CheckCommand = readonly [string, ...string[]];

export interface CheckStart {
  /** With what it is to run behind it. */
  readonly command: CheckCommand;
  /** See login.ts. */
  readonly login: Uint8Array;
  readonly remoteIp: ByteString;
  /** $HOME for a program that becomes nobody else; without it there is none. */
  readonly home?: string | undefined;
  /** Descriptors 0 and 1. */
  readonly stdio: readonly [CheckStream, CheckStream];
  /** How long it may run, and what it runs; without it as long as it likes. */
  readonly msMax?: number;
}

export type CheckStream = StdioNull | StdioPipe | Socket;

export interface RunningCheck {
  readonly child: ChildProcess;
  /** Its exit code, or what ended it. Rejects when it could not be started. */
  readonly ended: Promise<number | string>;
  /** Ends it, and what it has started. */
  kill(): void;
}

const loginDescriptor = 3;

/** Where this installation is: a program of ours looks there. */
const passedOn = ['PATH', 'QMAILHOME', 'TZ'];

function environment({ remoteIp, home }: CheckStart): NodeJS.ProcessEnv {
  const kept = passedOn.flatMap((name) => {
    const value = process.env[name];
    if (value === undefined) return [];
    // The programs start elsewhere.
    return [[name, name === 'QMAILHOME' ? absolute(value) : value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    ...(home === undefined ? {} : { HOME: home }),
    PROTO: 'TCP',
    TCPREMOTEIP: nativeText(remoteIp),
  };
}

/** Throws, or `ended` rejects, when it cannot be started. */
export function startCheck(start: CheckStart): RunningCheck {
  const { command, login, stdio, msMax } = start;
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: '/',
    env: environment(start),
    stdio: [...stdio, 'inherit', 'pipe'],
    // A group of its own: it is ended with all that it started.
    detached: true,
  });
  let tooLate: NodeJS.Timeout | undefined;
  let late = false;

  function kill(): void {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone, or has become another user's, and ends when its connection does.
      child.kill('SIGKILL');
    }
  }

  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(tooLate);
      reject(error);
    });
    child.once('exit', (exitCode, signal) => {
      clearTimeout(tooLate);
      if (late) resolve(`it took more than ${(msMax ?? 0) / 1000} seconds`);
      else resolve(exitCode ?? signal ?? '');
    });
  });
  // Whoever gets to see no more than that it could not be started does not wait for it.
  ended.catch(() => undefined);
  // Without descriptors to spare Node makes no streams, and says why in a moment.
  const { stdio: streams }: { readonly stdio?: ChildProcess['stdio'] } = child;
  if (streams === undefined) throw new Error('there are too few descriptors for a process');
  if (msMax !== undefined) {
    tooLate = setTimeout(() => {
      late = true;
      kill();
    }, msMax);
  }
  const pipe = streams[loginDescriptor] as Socket | null | undefined;
  // A program may end without reading it.
  pipe?.on('error', () => undefined).end(login);
  return { child, ended, kill };
}
