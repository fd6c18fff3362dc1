/** One of the hub's programs with a channel on descriptor 3, as its parent sees it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type JobLink, openJobLink } from '../../src/spawn/index.ts';
import { compileCache } from './compile-cache.ts';
import { hubEntry, hubUser, isRoot } from './hub-home.ts';

export interface ChannelProgram {
  readonly child: ChildProcess;
  readonly link: JobLink;
  /** What it wrote on descriptors 1 and 2. */
  output(): string;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

const user = hubUser();

const identity = isRoot ? { uid: user.uid, gid: user.gid } : {};

/** Why there can be no such program, or false. */
export const channelProgramMissing: string | false =
  spawnSync(process.execPath, ['-e', ''], { ...identity, cwd: '/' }).status !== 0 &&
  `this Node is where the user ${user.name} cannot start it`;

/** As an ordinary user, also when root runs the tests. */
export function startOnChannel(
  context: TestContext,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChannelProgram {
  const child = spawn(process.execPath, [hubEntry(user), program, ...args], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...identity,
  });
  context.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('latin1').on('data', (text: string) => {
      output += text;
    });
  }
  const link = openJobLink({ socket: child.stdio[3] as Socket, peer: program, onLost: () => undefined });
  return {
    child,
    link,
    output: () => output,
    ended: new Promise((resolve) => {
      child.once('close', (code) => resolve(code));
    }),
  };
}
