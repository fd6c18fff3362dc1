/** The hub that root starts, on a host of its own: real users, real identities, real homes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { builtExecutable, executablesMissing } from './executables.ts';
import { makeAccounts, makeHome, makeQmail, uidOf } from './hub-host.ts';
import {
  type PrivateHost,
  type PrivateHostOptions,
  privateHostMissing,
  startPrivateHost,
} from './private-host.ts';

/** Why there can be no such hub, or false. */
export const separatedHubMissing: string | false = privateHostMissing || executablesMissing;

/** Where the executable is, there. */
export const program = '/opt/mini-qmail/mini-qmail';

export interface SeparatedHubOptions extends PrivateHostOptions {
  /** Ordinary users, who get uids from 8000 on, a group each, and a home with a Maildir. */
  readonly users?: readonly string[];
  /** Control files on top of me and locals. */
  readonly controls?: Readonly<Record<string, string>>;
  /** Arguments of qmail-start. */
  readonly args?: readonly string[];
  /** Called when all is in place and nothing runs. */
  readonly prepare?: (host: PrivateHost) => void | Promise<void>;
}

export interface SeparatedHub {
  readonly host: PrivateHost;
  /** qmail-start's process, as seen from outside. */
  readonly pid: number;
  readonly lines: readonly string[];
  /** The first line from number `from` on that matches; waits for it. */
  line(pattern: RegExp, from?: number): Promise<string>;
  /** Resolves when so many lines match. */
  count(pattern: RegExp, count: number): Promise<void>;
  /** Submits a message there as root, from `sender`. */
  send(sender: string, recipients: readonly string[], message: string): Promise<void>;
  /** What is in a user's Maildir, as text. */
  mail(user: string): readonly string[];
  /** The main process of each program of the hub, and workers, as seen from outside: number and command line. */
  processes(): readonly HubProcess[];
  start(): Promise<void>;
  stop(): Promise<number | null>;
  close(): Promise<void>;
}

export interface HubProcess {
  readonly pid: number;
  readonly parent: number;
  /** The program's name and its arguments. */
  readonly words: readonly string[];
}

/** All processes below one, in no order. */
function descendants(pid: number): readonly HubProcess[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = all.flatMap((name): readonly HubProcess[] => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const words = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').slice(0, -1);
      return [{ pid: Number(name), parent, words: words[0] === program ? words.slice(1) : words }];
    } catch {
      // It has ended.
      return [];
    }
  });
  const below: HubProcess[] = found.filter((one) => one.pid === pid);
  for (const above of below) below.push(...found.filter(({ parent }) => parent === above.pid));
  return below;
}

export async function startSeparatedHub(options: SeparatedHubOptions = {}): Promise<SeparatedHub> {
  const { users = [], controls = {}, args = [], prepare } = options;
  const executables = dirname(builtExecutable('mini-qmail'));
  const host = await startPrivateHost({ binds: { ...options.binds, '/opt/mini-qmail': executables } });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let child: ChildProcess | undefined;
  /** qmail-start itself: nsenter waits for it. */
  let pid = 0;
  let ended: Promise<number | null> = Promise.resolve(null);

  function until<Value>(find: () => Value | undefined, what: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        const gone = child?.exitCode !== null;
        if (found === undefined && !gone) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the hub has ended without ${what}:\n${lines.join('\n')}`));
      };
      waiting.add(look);
      look();
    });
  }

  const line = (pattern: RegExp, from = 0) =>
    until(() => lines.slice(from).find((text) => pattern.test(text)), String(pattern));

  async function start(): Promise<void> {
    const from = lines.length;
    const [command = '', ...words] = host.command([program, 'qmail-start', ...args]);
    const started = spawn(command, words, {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const input of [started.stdout, started.stderr]) {
      input.setEncoding('latin1');
      createInterface({ input }).on('line', (text) => {
        lines.push(text);
        for (const look of waiting) look();
      });
    }
    ended = once(started, 'close').then(([code]) => {
      for (const look of waiting) look();
      return code;
    });
    await line(/^status: local/, from);
    pid = descendants(started.pid ?? 0)[1]?.pid ?? 0;
  }

  const hub: SeparatedHub = {
    host,
    get pid() {
      return pid;
    },
    lines,
    line,
    count(pattern, times) {
      let seen = 0;
      let matched = 0;
      const enough = () => {
        // Each line once: there may be very many.
        for (; seen < lines.length; seen += 1) if (pattern.test(lines[seen] ?? '')) matched += 1;
        return matched >= times ? true : undefined;
      };
      return until(enough, `${times} lines of ${pattern}`).then(() => undefined);
    },
    async send(sender, recipients, message) {
      const words = [program, 'qmail-inject', '-a', '-f', sender, '--', ...recipients];
      const { exit, stderr } = await host.run(words, { stdin: message });
      if (exit !== 0) throw new Error(`qmail-inject ended with ${exit}: ${stderr}`);
    },
    mail(user) {
      const directory = `${host.root}${user === 'alias' ? '/var/qmail/alias' : `/home/${user}`}/Maildir/new`;
      return readdirSync(directory).map((name) => readFileSync(`${directory}/${name}`, 'latin1'));
    },
    processes: () => descendants(pid),
    start,
    stop() {
      process.kill(pid, 'SIGTERM');
      return ended;
    },
    async close() {
      child?.kill('SIGKILL');
      await host.close();
    },
  };
  try {
    makeAccounts(host, users);
    for (const [index, name] of users.entries()) makeHome(host, `/home/${name}`, uidOf(index));
    makeQmail(host, controls);
    await prepare?.(host);
    await start();
  } catch (error) {
    await hub.close();
    throw error;
  }
  return hub;
}
