/** What a submission by the built satellite may cost a small machine. */
import { ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { type Command, inspectWaiting } from '../bench/cost.ts';
import { startQmqpSink } from '../bench/servers.ts';
import { builtExecutable } from '../support/executables.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';

const threadsMax = 3;
const privateMbMax = 9;
const cgroupBytes = 32 * 1024 * 1024;

const sink = await startQmqpSink();
after(() => sink.close());

function submission(): Command {
  const home = temporaryHome({ me: 'satellite.example\n', qmqpservers: `127.0.0.1:${sink.port}\n` });
  const input = `${temporaryDirectory()}/message`;
  writeFileSync(
    input,
    `To: you@hub.example\nSubject: cron\n\n${'all is well on this machine\n'.repeat(130)}`,
  );
  const program = builtExecutable('mini-qmail-satellite');
  return { program, args: ['sendmail', '-t', '-i'], env: { QMAILHOME: home }, input };
}

async function costWhileWaiting() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cost = await inspectWaiting(submission(), (isWaiting) => {
    sink.onWaiting = () => {
      isWaiting();
      return promise;
    };
    return resolve;
  });
  sink.onWaiting = undefined;
  return cost;
}

test(`it keeps at most ${privateMbMax} MB of private memory and ${threadsMax} threads while it waits`, async () => {
  // What it had to allocate before it waits depends on when its threads ran, by a few hundred kB.
  const costs = [await costWhileWaiting(), await costWhileWaiting(), await costWhileWaiting()];
  for (const { threads } of costs) ok(threads <= threadsMax, `${threads} threads`);
  const privateMb = Math.min(...costs.map((cost) => cost.privateMb));
  ok(privateMb <= privateMbMax, `${privateMb.toFixed(2)} MB`);
});

/** Memory cgroups of version 1 and 2: where a group is made, and what sets its limit. */
const hierarchies = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
];

/** A new group, or why there is none. */
function makeGroup(): { readonly path: string; readonly peak: string } | string {
  const found = hierarchies.find(({ root, limit }) => {
    const path = `${root}/mini-qmail-probe-${process.pid}`;
    try {
      mkdirSync(path);
    } catch {
      return false;
    }
    const usable = existsSync(`${path}/${limit}`);
    rmdirSync(path);
    return usable;
  });
  if (found === undefined) return 'no memory cgroup can be made here';
  const path = `${found.root}/mini-qmail-${process.pid}`;
  mkdirSync(path);
  writeFileSync(`${path}/${found.limit}`, String(cgroupBytes));
  after(() => rmdirSync(path));
  return { path, peak: `${path}/${found.peak}` };
}

const group = makeGroup();

test('it completes in a memory cgroup of 32 MB', {
  skip: typeof group === 'string' ? group : false,
}, async () => {
  if (typeof group === 'string') return;
  const { program, args, env, input } = submission();
  const enter = `echo $$ >'${group.path}/cgroup.procs' && exec "$0" "$@" <'${input}'`;
  const child = spawn('sh', ['-c', enter, program, ...args], {
    env: { ...env, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  strictEqual((await once(child, 'close'))[0], 0);
  ok(Number(readFileSync(group.peak, 'latin1')) <= cgroupBytes);
});
