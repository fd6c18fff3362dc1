/** A real hub: qmail-start --embedded in a process of its own, with a home of its own, on ports that the kernel gives. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import type { ByteString } from '../../src/system/index.ts';
import { compileCache } from './compile-cache.ts';
import { hubEntry, hubHome, hubUser, isRoot } from './hub-home.ts';

export interface HubOptions {
  /** From hubHome(); one is made without it. A hub that starts again takes the home of the one before. */
  readonly home?: string;
  readonly user?: ReturnType<typeof hubUser>;
  /** Values of --qmqp. */
  readonly listen?: readonly string[];
  /** More options, before the delivery. */
  readonly args?: readonly string[];
  readonly delivery?: string;
  /** Variables on top of QMAILHOME and a nearly empty environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What runs our programs: Node with src/main.ts, unless a test brings a built executable. */
  readonly command?: readonly string[];
  /** The program and its options, in place of qmail-start --embedded and all that follows. */
  readonly program?: readonly string[];
  /** Called with the process id as soon as there is one. */
  readonly onStart?: (pid: number) => void;
}

export interface Hub {
  readonly home: string;
  readonly pid: number;
  /** ADDRESS:PORT of each listener, in the order of --qmqp. */
  readonly addresses: readonly string[];
  /** Everything it said on descriptors 1 and 2 so far, line by line. */
  readonly lines: readonly string[];
  /** The first line that matches, from line number `from` on; waits for it. Rejects when the hub has ended without. */
  line(pattern: RegExp, from?: number): Promise<string>;
  /** Resolves when so many lines match. */
  count(pattern: RegExp, count: number): Promise<void>;
  /** Paths of what is in home/Maildir/new, in no order. */
  delivered(): readonly string[];
  /** The messages there as text. */
  messages(): readonly ByteString[];
  signal(name: NodeJS.Signals): void;
  /** Stops reading what it says, or goes on with it. */
  readLog(reading: boolean): void;
  /** Resolves when the process is gone: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and what it ended with. */
  stop(): Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** In either form of the log. */
const listening = /^(?:\{"time":"[^"]*","event":"notice","text":")?listening qmqp ([^"]*)(?:"\})?$/;

/** Resolves when it listens everywhere; without listeners, when it has begun its work. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const user = options.user ?? hubUser();
  const home = options.home ?? hubHome(undefined, user);
  const listen = options.listen ?? ['127.0.0.1:0'];
  const [command = '', ...before] = options.command ?? [process.execPath, hubEntry(user)];
  const program = options.program ?? [
    'qmail-start',
    '--embedded',
    ...(isRoot ? ['--user', user.name] : []),
    ...listen.flatMap((where) => ['--qmqp', where]),
    ...(options.args ?? []),
    ...(options.delivery === undefined ? [] : [options.delivery]),
  ];
  const child = spawn(command, [...before, ...program], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...compileCache, QMAILHOME: home, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  options.onStart?.(child.pid ?? 0);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let gone = false;
  const look = () => {
    for (const wake of waiting) wake();
  };
  const inputs = [child.stdout, child.stderr].map((input) => {
    input.setEncoding('latin1');
    return createInterface({ input }).on('line', (text) => {
      lines.push(text);
      look();
    });
  });
  const ended = once(child, 'close').then(([code, signal]): number | NodeJS.Signals => {
    running.delete(child);
    gone = true;
    look();
    return code ?? signal;
  });

  function until<Value>(find: () => Value | undefined, what: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        const found = find();
        if (found === undefined && !gone) return;
        waiting.delete(wake);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the hub has ended without ${what}:\n${lines.join('\n')}`));
      };
      waiting.add(wake);
      wake();
    });
  }

  const line = (pattern: RegExp, from = 0) =>
    until(() => lines.slice(from).find((text) => pattern.test(text)), String(pattern));
  const count = (pattern: RegExp, times: number) =>
    until(
      () => (lines.filter((text) => pattern.test(text)).length >= times ? true : undefined),
      `${times} lines of ${pattern}`,
    ).then(() => undefined);
  const delivered = () => {
    const directory = `${home}/home/Maildir/new`;
    return readdirSync(directory).map((name) => `${directory}/${name}`);
  };

  if (options.program === undefined && listen.length > 0) await count(listening, listen.length);
  else await line(/^status: local/);
  return {
    home,
    pid: child.pid ?? 0,
    addresses: lines.flatMap((text) => listening.exec(text)?.[1] ?? []),
    lines,
    line,
    count,
    delivered,
    messages: () => delivered().map((path) => readFileSync(path, 'latin1')),
    signal(name) {
      child.kill(name);
    },
    readLog(reading) {
      for (const input of inputs) {
        if (reading) input.resume();
        else input.pause();
      }
    },
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
