/**
 * The whole way through the hub that root starts, whose parts run as users of their own, to one user and to fifty. It
 * and its peer need accounts, so the case runs itself on a private host, with everything that is measured on a disk of
 * this one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtExecutable } from '../support/executables.ts';
import { makeAccounts, makeHome, makeQmail, uidOf } from '../support/hub-host.ts';
import { postfixMissing, startPostfix } from '../support/postfix.ts';
import { privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { until } from '../support/until.ts';
import { type Load, prepareLoad, runLoad } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';

const usersCount = 50;
const connections = 50;
const sizeBytes = 1000;

/** At the same time, on either side. */
const deliveries = 10;

const bytesMax = 100_000_000;
const pollMs = 50;
const timeoutMs = 300_000;

/** Set within the private host. */
const insideVariable = 'MINI_QMAIL_BENCH_INSIDE';

/** Where the disk is, there. */
const disk = '/bench';

const executable = '/opt/mini-qmail/mini-qmail';

const names = Array.from({ length: usersCount }, (_, index) => `user${index}`);

/** A server with many users. */
interface Subject {
  readonly name: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly command: string;
  /** How many messages have come, to all of them. */
  delivered(): number;
  stop(): Promise<void>;
}

async function startOurs(): Promise<Subject> {
  const args = ['qmail-start', '--qmqp', '127.0.0.1:628', './Maildir/'];
  const logPath = `${disk}/log`;
  const log = openSync(logPath, 'w');
  const child = spawn(executable, args, { stdio: ['ignore', log, log] });
  const ended = once(child, 'close');
  const hasStarted = () => (/^status: local/m.test(readFileSync(logPath, 'latin1')) ? true : undefined);
  try {
    await until('the hub to start', hasStarted);
  } catch (error) {
    throw new Error(`${String(error)}; its log: ${readFileSync(logPath, 'latin1')}`, { cause: error });
  }
  return {
    name: 'ours, separated',
    port: 628,
    addresses: names.map((name) => `${name}@hub.test`),
    command: ['mini-qmail', ...args].join(' '),
    delivered: () => names.reduce((sum, name) => sum + readdirSync(`/home/${name}/Maildir/new`).length, 0),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function startPeer(): Promise<Subject> {
  const server = await startPostfix({ deliveries, users: names });
  return {
    name: 'postfix',
    port: server.qmqpPort,
    addresses: server.addresses,
    command: `postfix: master with qmqpd on 127.0.0.1:PORT, with ${deliveries} local deliveries`,
    delivered: () => server.delivered().length,
    stop: server.stop,
  };
}

/** Seconds from the first message until the last is delivered; each user gets the same share. */
async function runThrough(load: Load, subject: Subject, users: number): Promise<number> {
  const share = {
    connections: Math.max(1, load.connections / users),
    messages: Math.ceil(load.messages / users),
  };
  const before = subject.delivered();
  const started = performance.now();
  const loads = subject.addresses.slice(0, users).map((recipient) => ({ ...load, ...share, recipient }));
  await Promise.all(loads.map((one) => runLoad(one, subject.port)));
  const wanted = share.messages * users;
  const done = () => (subject.delivered() - before >= wanted ? true : undefined);
  await until(`${wanted} messages in the Maildirs`, done, timeoutMs, pollMs);
  return (performance.now() - started) / 1000;
}

/** Before anything is counted each user gets so many: a hub that has run for a while is what matters, on either side. */
const warmUpMessages = 300;

async function warmUp(subject: Subject, users: number): Promise<void> {
  const load = {
    recipient: '',
    connections,
    sizeBytes,
    messages: Math.min(users * warmUpMessages, bytesMax / sizeBytes),
  };
  await runThrough(load, subject, users);
}

/**
 * So many messages for each user at least, unless the caller says how many: to start a sender for each takes a second or
 * so, whatever is measured.
 */
const messagesPerUser = 100;

/** The case itself, within the private host. */
async function inside(options: BenchOptions): Promise<BenchResult> {
  const subjects = [await startOurs(), ...(postfixMissing() === false ? [await startPeer()] : [])];
  const measured = subjects.map(({ name, command }) => ({
    name,
    figures: {} as Record<string, number>,
    commands: [command],
  }));
  try {
    for (const users of [1, usersCount]) {
      const label = `${users === 1 ? '1 user' : `${users} users`}, 1 kB, ${connections} connections, messages/s`;
      const loads = new Map<Subject, Load>();
      for (const subject of subjects) {
        if (options.messages === undefined) await warmUp(subject, users);
        const load = { recipient: '', connections, sizeBytes };
        const limits = { ...options, bytesMax };
        const found = await prepareLoad(load, limits, (trial) => runThrough(trial, subject, users));
        const least = options.messages === undefined ? users * messagesPerUser : 0;
        loads.set(subject, { ...found, messages: Math.max(found.messages, least) });
      }
      const rates = await runRounds([...loads], options, async ([subject, load]) => {
        const messages = Math.ceil(load.messages / users) * users;
        return messages / (await runThrough(load, subject, users));
      });
      for (const [[subject], values] of rates) {
        const one = measured.find(({ name }) => name === subject.name);
        if (one !== undefined) one.figures[label] = median(values);
        options.say(`${label}: ${subject.name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
      }
    }
  } finally {
    for (const subject of subjects) await subject.stop();
  }
  return resultOf('end-to-end-separated', measured);
}

/** Runs the case on a private host and answers what it found. */
async function onPrivateHost(options: BenchOptions): Promise<BenchResult> {
  if (privateHostMissing !== false) throw new Error(`separated: ${privateHostMissing}`);
  mkdirSync(options.output, { recursive: true });
  const space = mkdtempSync(join(options.output, 'separated-'));
  for (const name of ['bench', 'home', 'qmail']) mkdirSync(join(space, name), { mode: 0o755 });
  const host = await startPrivateHost({
    binds: {
      '/opt/mini-qmail': dirname(builtExecutable('mini-qmail')),
      [disk]: join(space, 'bench'),
      '/home': join(space, 'home'),
      '/var/qmail': join(space, 'qmail'),
    },
  });
  try {
    makeAccounts(host, names);
    for (const [index, name] of names.entries()) makeHome(host, `/home/${name}`, uidOf(index));
    makeQmail(host, { submissionmemory: '0\n', concurrencylocal: `${deliveries}\n` });
    const [program = '', ...args] = host.command([
      process.execPath,
      ...process.execArgv,
      ...process.argv.slice(1),
    ]);
    const child = spawn(program, args, {
      env: { ...process.env, TMPDIR: disk, [insideVariable]: `${disk}/result.json` },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`separated: the run on a private host ended with ${code}`);
    return JSON.parse(readFileSync(join(space, 'bench/result.json'), 'utf8'));
  } finally {
    await host.close();
    rmSync(space, { recursive: true, force: true });
  }
}

/** Where the run within the private host writes its result; undefined outside. */
export const insideResult: string | undefined = process.env[insideVariable];

export function separated(options: BenchOptions): Promise<BenchResult> {
  return insideResult === undefined ? onPrivateHost(options) : inside(options);
}
