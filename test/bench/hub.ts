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

export interface Hub {
  readonly port: number;
  readonly pid: number;
  /** The command line, as a user would type it. */
  readonly command: string;
  /** How many messages have been delivered to the Maildir. */
  delivered(): number;
  /** Ends it with SIGTERM; its home goes as well. */
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
function makeHome(controls: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'mini-qmail-hub-'));
  chmodSync(home, 0o755);
  mkdirSync(join(home, 'control'));
  const owner = isRoot ? unprivilegedIds() : undefined;
  const all = { me: 'hub.example\n', locals: 'hub.example\n', ...controls };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(home, 'control', name), text);
  for (const name of [
    'queue',
    'home',
    'home/Maildir',
    ...['tmp', 'new', 'cur'].map((box) => `home/Maildir/${box}`),
  ]) {
    const path = join(home, name);
    mkdirSync(path, { mode: 0o700 });
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  }
  return home;
}

/** The port that it says it listens on. */
function listeningPort(child: ChildProcess, log: string): Promise<number> {
  return until('the hub to listen', () => {
    const text = readFileSync(log, 'latin1');
    if (child.exitCode !== null) throw new Error(`the hub ended with ${child.exitCode}: ${text}`);
    const found = /^listening qmqp .*:(\d+)$/m.exec(text);
    return found === null ? undefined : Number(found[1]);
  });
}

/** `controls`: control files on top of me and locals. */
export async function startHub(controls: Readonly<Record<string, string>>): Promise<Hub> {
  const home = makeHome(controls);
  const user = isRoot ? ['--user', unprivileged] : [];
  const args = ['qmail-start', '--embedded', ...user, '--qmqp', '127.0.0.1:0', './Maildir/'];
  const logPath = join(home, 'log');
  const log = openSync(logPath, 'w');
  const child = spawn(builtExecutable('mini-qmail'), args, {
    env: { PATH: process.env['PATH'] ?? '', QMAILHOME: home },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = once(child, 'close');
  const remove = () => rmSync(home, { recursive: true, force: true });
  // A bench that is cut short leaves nothing running and nothing behind.
  const clear = () => {
    child.kill('SIGKILL');
    remove();
  };
  process.once('exit', clear);
  const mailbox = join(home, 'home/Maildir/new');
  try {
    return {
      port: await listeningPort(child, logPath),
      pid: child.pid ?? 0,
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
