/** A hub as it is shipped: the executable, a home of its own, a log on the disk, a port from the kernel. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { builtExecutable } from '../support/executables.ts';
import { until } from '../support/until.ts';

export interface HubHome {
  readonly path: string;
  /** The directory of the queue. */
  readonly queue: string;
  /** Everything in the queue belongs to the hub's user. */
  own(): void;
  remove(): void;
}

export interface HubOptions {
  /** Control files on top of me and locals. */
  readonly controls?: Readonly<Record<string, string>>;
  /** A home that stays when the hub stops; without it the hub has one of its own with these controls. */
  readonly home?: HubHome;
  /** Whether it listens for SMTP as well. */
  readonly smtp?: boolean;
  /** More options of qmail-start. */
  readonly args?: readonly string[];
}

export interface Hub {
  readonly port: number;
  /** Of its SMTP listener, 0 without one. */
  readonly smtpPort: number;
  readonly pid: number;
  /** The command line, as a user would type it. */
  readonly command: string;
  readonly logPath: string;
  /** How many messages have been delivered to the Maildir. */
  delivered(): number;
  /** Ends it with SIGTERM; a home of its own goes as well. */
  stop(): Promise<void>;
}

const isRoot = userInfo().uid === 0;

/** Root's hub runs as this user. */
const unprivileged = 'nobody';

function unprivilegedIds(): { readonly uid: number; readonly gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${unprivileged}:`));
  const [, , uid, gid] = (line ?? '').split(':').map(Number);
  if (!uid || !gid) throw new Error(`there is no user ${unprivileged}`);
  return { uid, gid };
}

/** Control files are the caller's, queue and mailbox the hub's user's. */
export function makeHome(controls: Readonly<Record<string, string>> = {}): HubHome {
  const path = mkdtempSync(join(tmpdir(), 'mini-qmail-hub-'));
  chmodSync(path, 0o755);
  mkdirSync(join(path, 'control'));
  const owner = isRoot ? unprivilegedIds() : undefined;
  const giveAway = (name: string) => {
    if (owner !== undefined) chownSync(name, owner.uid, owner.gid);
  };
  const all = { me: 'hub.example\n', locals: 'hub.example\n', ...controls };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(path, 'control', name), text);
  const queue = join(path, 'queue');
  const boxes = ['tmp', 'new', 'cur'].map((box) => join(path, 'home/Maildir', box));
  for (const directory of [queue, join(path, 'home'), join(path, 'home/Maildir'), ...boxes]) {
    mkdirSync(directory, { mode: 0o700 });
    giveAway(directory);
  }
  return {
    path,
    queue,
    own() {
      for (const name of readdirSync(queue)) giveAway(join(queue, name));
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The port that it says it listens on. */
function listeningPort(child: ChildProcess, log: string, service = 'qmqp'): Promise<number> {
  return until('the hub to listen', () => {
    const text = readFileSync(log, 'latin1');
    if (child.exitCode !== null) throw new Error(`the hub ended with ${child.exitCode}: ${text}`);
    const found = new RegExp(`^listening ${service} .*:(\\d+)$`, 'm').exec(text);
    return found === null ? undefined : Number(found[1]);
  });
}

export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const home = options.home ?? makeHome(options.controls);
  const user = isRoot ? ['--user', unprivileged] : [];
  const args = [
    'qmail-start',
    '--embedded',
    ...user,
    '--qmqp',
    '127.0.0.1:0',
    ...(options.smtp === true ? ['--smtp', '127.0.0.1:0'] : []),
    ...(options.args ?? []),
    './Maildir/',
  ];
  const logPath = join(home.path, 'log');
  const log = openSync(logPath, 'w');
  const child = spawn(builtExecutable('mini-qmail'), args, {
    env: { PATH: process.env['PATH'] ?? '', QMAILHOME: home.path },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = once(child, 'close');
  const remove = () => {
    if (options.home === undefined) home.remove();
  };
  const mailbox = join(home.path, 'home/Maildir/new');
  // A bench that is cut short leaves nothing running and nothing behind.
  const clear = () => {
    child.kill('SIGKILL');
    remove();
  };
  process.once('exit', clear);
  try {
    return {
      port: await listeningPort(child, logPath),
      smtpPort: options.smtp === true ? await listeningPort(child, logPath, 'smtp') : 0,
      pid: child.pid ?? 0,
      logPath,
      command: ['QMAILHOME=HOME dist/mini-qmail', ...args].join(' '),
      delivered: () => readdirSync(mailbox).length,
      async stop() {
        process.off('exit', clear);
        child.kill('SIGTERM');
        await ended;
        remove();
        if (child.exitCode !== 0) throw new Error(`the hub ended with ${child.exitCode ?? child.signalCode}`);
      },
    };
  } catch (error) {
    process.off('exit', clear);
    clear();
    throw error;
  }
}
