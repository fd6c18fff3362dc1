/** Runs one of our programs with a login on descriptor 3, as an ordinary user. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ByteString } from '../../src/system/index.ts';
import { hubEntry, hubUser, isRoot, reachableNode } from './hub-home.ts';
import type { Ended } from './run-program.ts';

export interface LoginRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Undefined: there is no descriptor 3. */
  readonly login: ByteString | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Descriptor 4 is captured in place of 1. */
  readonly onFour?: boolean;
}

export function runWithLogin({ program, args, login, env, onFour = false }: LoginRun): Promise<Ended> {
  const user = hubUser();
  const child = spawn(reachableNode(user), [hubEntry(user), program, ...args], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      ...(login === undefined ? [] : (['pipe'] as const)),
      ...(onFour ? (['pipe'] as const) : []),
    ],
    ...(isRoot ? { uid: user.uid, gid: user.gid } : {}),
  });
  const said = ['', ''];
  const fourth = child.stdio[4] as Socket | undefined;
  for (const [index, stream] of [fourth ?? child.stdout, child.stderr].entries()) {
    stream?.setEncoding('latin1').on('data', (text: string) => {
      said[index] += text;
    });
  }
  const pipe = child.stdio[3] as Socket | undefined;
  pipe?.on('error', () => undefined).end(login ?? '', 'latin1');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const [stdout = '', stderr = ''] = said;
      resolve({ exit: code ?? undefined, stdout, stderr });
    });
  });
}
