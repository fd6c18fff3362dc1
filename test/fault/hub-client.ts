/** The test's end of hub-process.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/home.ts';
import type { HubReply, HubRequest } from './hub-messages.ts';

/** The process has ended before it could answer. */
export class HubEnded extends Error {
  override readonly name = 'HubEnded';
}

export interface HubProcess {
  /** Resolves with its port. Rejects with the problem when the hub cannot start. */
  open(home: string, delivery: string): Promise<number>;
  drain(left: number): Promise<void>;
  reload(): Promise<void>;
  stop(): Promise<void>;
  dieAt(event: string): Promise<void>;
  lines(): Promise<readonly string[]>;
  /** Resolves with the signal that ended the process, or its exit code. */
  readonly ended: Promise<NodeJS.Signals | number>;
  kill(): Promise<void>;
}

const entry = fileURLToPath(new URL('./hub-process.ts', import.meta.url));

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Loading what is compiled already takes a third of the time. */
let compiled: string | undefined;

interface Waiting {
  readonly resolve: (value: number | readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** `env`: a faulty disk's. */
export function startHubProcess(env: Readonly<Record<string, string>>): HubProcess {
  compiled ??= temporaryDirectory();
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env['PATH'], TMPDIR: tmpdir(), NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let problem: Error | undefined;

  function fail(error: Error): void {
    problem ??= error;
    for (const { reject } of waiting.values()) reject(problem);
    waiting.clear();
  }

  child.on('message', (reply: HubReply) => {
    if ('lost' in reply) {
      fail(new Error(`the store's thread has ended: ${reply.lost}`));
      return;
    }
    const call = waiting.get(reply.number);
    waiting.delete(reply.number);
    if ('problem' in reply) call?.reject(new Error(reply.problem));
    else call?.resolve(reply.value);
  });
  const ended = once(child, 'close').then(([code, signal]): NodeJS.Signals | number => {
    running.delete(child);
    fail(new HubEnded(`the hub's process has ended with ${signal ?? code}`));
    return signal ?? code;
  });

  function ask(request: HubRequest): Promise<number | readonly string[]> {
    return new Promise((resolve, reject) => {
      if (problem !== undefined) {
        reject(problem);
        return;
      }
      number += 1;
      waiting.set(number, { resolve, reject });
      // A process that has just ended is told of above.
      child.send({ number, request }, () => undefined);
    });
  }

  return {
    open: async (home, delivery) => Number(await ask({ kind: 'open', home, delivery })),
    async drain(left) {
      await ask({ kind: 'drain', left });
    },
    async reload() {
      await ask({ kind: 'reload' });
    },
    async stop() {
      await ask({ kind: 'stop' });
    },
    async dieAt(event) {
      await ask({ kind: 'dieAt', event });
    },
    async lines() {
      const lines = await ask({ kind: 'lines' });
      return typeof lines === 'number' ? [] : lines;
    },
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
