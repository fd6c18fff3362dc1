import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Identity, startDeliveryWorker, type WorkerProcess } from '../../src/local/index.ts';
import { findAccount } from '../../src/process/index.ts';
import { isRoot } from '../support/hub-home.ts';

const onlyRoot = isRoot ? false : 'only root can start a worker as another user';

/** Nobody, or who runs this when that is no root. */
function identity(): Identity {
  if (isRoot) return { ...findAccount('nobody'), user: 'nobody' };
  return { user: 'me', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

function start(context: TestContext, script: string, env = {}, who = identity()): WorkerProcess {
  const worker = startDeliveryWorker(who, { command: { file: '/bin/bash', args: ['-c', script] }, env });
  context.after(() => worker.kill());
  return worker;
}

async function said({ channel }: WorkerProcess): Promise<string> {
  let text = '';
  channel.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(channel, 'end');
  return text;
}

test('a worker talks on descriptor 3, in both directions', async (context) => {
  const worker = start(context, 'read -r line <&3; echo "got $line" >&3');
  const text = said(worker);
  worker.channel.write('a job\n');
  strictEqual(await text, 'got a job\n');
  strictEqual(await worker.ended, undefined);
});

test('it has our environment and no other, no descriptor but the channel, and stands in /', async (context) => {
  const worker = start(context, 'env >&3; pwd >&3; ls /proc/self/fd >&3', {
    NAME: 'value',
    PATH: '/usr/bin:/bin',
  });
  const lines = (await said(worker)).trimEnd().split('\n');
  // PWD, SHLVL and _ are bash's own.
  const own = lines.filter((line) => line.includes('=') && !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
  deepStrictEqual(own.sort(), ['NAME=value', 'PATH=/usr/bin:/bin']);
  strictEqual(lines.includes('/'), true);
  // What this process was given from outside goes on to any child. The other is ls's own.
  const any = spawnSync('ls', ['/proc/self/fd'], { encoding: 'latin1' }).stdout.split('\n');
  deepStrictEqual(
    lines.filter((line) => /^\d+$/.test(line) && !any.includes(line)),
    ['4'],
  );
});

test('it is its user in every way, with no groups besides', { skip: onlyRoot }, async (context) => {
  const script = 'grep -E "^(Uid|Gid|Groups):" /proc/self/status >&3; exec 3>&-; exit 0';
  const before = process.getgroups?.() ?? [];
  process.setgroups?.([0, 4, 27]);
  context.after(() => process.setgroups?.(before));
  const worker = start(context, script, { PATH: '/usr/bin:/bin' });
  const { uid, gid } = identity();
  const four = (id: number) => [id, id, id, id].join('\t');
  const lines = (await said(worker)).split('\n').map((line) => line.trimEnd());
  deepStrictEqual(lines, [`Uid:\t${four(uid)}`, `Gid:\t${four(gid)}`, 'Groups:', '']);
});

test('it leads a session of its own, so that no signal for the hub reaches it', async (context) => {
  const worker = start(context, 'cat /proc/$$/stat >&3');
  const [, , , , group, session] = (await said(worker)).split(' ').map(Number);
  const own = readFileSync('/proc/self/stat', 'latin1').split(' ').map(Number);
  strictEqual(group, session);
  strictEqual(group === own[4], false);
});

test('nobody delivers as root, or as what is no uid', () => {
  for (const uid of [0, -1, 1.5, Number.NaN, 2 ** 32, 2 ** 32 + 1, -0]) {
    const command = { file: '/bin/true', args: [] };
    throws(
      () => startDeliveryWorker({ user: 'x', uid, gid: 65534 }, { command, env: {} }),
      /Error/,
      String(uid),
    );
  }
});

test('how it ended is told', async (context) => {
  strictEqual(await start(context, 'exit 0').ended, undefined);
  strictEqual(await start(context, 'exit 111').ended, 'exit code 111');
  strictEqual(await start(context, 'kill -SEGV $$').ended, 'signal SIGSEGV');
  const hung = start(context, 'trap "" TERM INT HUP; echo up >&3; while :; do sleep 1; done');
  await once(hung.channel, 'data');
  hung.kill();
  strictEqual(await hung.ended, 'signal SIGKILL');
  hung.kill();
});

test('a program that does not exist is an end with a reason', async () => {
  const command = { file: '/nonexistent/program', args: [] };
  const worker = startDeliveryWorker(identity(), { command, env: {} });
  worker.channel.on('error', () => undefined);
  match((await worker.ended) ?? '', /ENOENT/);
});

test('without descriptors to spare it throws, and the caller goes on', () => {
  const source = new URL('../../src/local/start-delivery-worker.ts', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    import { startDeliveryWorker } from ${JSON.stringify(source)};
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    let text = 'started';
    const who = { user: 'x', uid: process.getuid() || 65534, gid: process.getgid() || 65534 };
    try { startDeliveryWorker(who, { command: { file: '/bin/true', args: [] }, env: {} }); }
    catch (error) { text = error.message; }
    setTimeout(() => console.log(text), 50);`;
  // Node raises its soft limit to the hard one.
  const node = `ulimit -n 40; exec '${process.execPath}' --input-type=module -e "$0"`;
  const ended = spawnSync('/bin/bash', ['-c', node, script], { encoding: 'utf8' });
  strictEqual(ended.stderr, '');
  strictEqual(ended.stdout, 'there are too few descriptors for a process\n');
});
