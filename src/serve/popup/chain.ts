/**
 * The rest of the chain: a program that checks a login, and behind it the one that serves who it is. Whoever opens it sees
 * two streams; that the login was good shows when the session says something.
 */
import type { Readable, Writable } from 'node:stream';
import type { ByteString } from '../../system/index.ts';
import { type CheckCommand, startCheck } from '../passwords/index.ts';

export interface ChainSession {
  /** What the client says. */
  readonly input: Writable;
  /** What the client hears. */
  readonly output: Readable;
  /** The exit code of the program, or what else ended it. */
  readonly ended: Promise<number | string>;
  kill(): void;
}

/** `login`: see passwords/login.ts. Rejects when nothing could be started. */
export type OpenChain = (login: Uint8Array, remoteIp: ByteString) => Promise<ChainSession>;

/**
 * Runs the programs as whom this process runs: they become another user if they may. `home`: $HOME for them, when they
 * may not.
 */
export function chainOfPrograms(command: CheckCommand, home?: string): OpenChain {
  return async (login, remoteIp) => {
    const { child, ended, kill } = startCheck({ command, login, remoteIp, home, stdio: ['pipe', 'pipe'] });
    const { stdin: input, stdout: output } = child;
    if (input === null || output === null) throw new Error(`unable to start ${command[0]}`);
    return { input, output, ended: ended.catch((error: Error) => error.message), kill };
  };
}
