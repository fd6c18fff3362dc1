import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, chownSync, cpSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { qmailQctl } from '../../src/programs/qmail-qctl.ts';
import { openReader, storePath } from '../../src/queue/index.ts';
import { listenControl } from '../../src/serve/index.ts';
import { hubQueue } from '../../src/submit/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { startHub } from '../support/hub.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { runHere } from '../support/run-here.ts';
import { asUserMain, runProgram } from '../support/run-program.ts';
import { openSteeredQueue, statesIn } from '../support/steered-queue.ts';
import { until } from '../support/until.ts';

function qctl(home: string, ...args: readonly string[]) {
  return runHere(home, 'qmail-qctl', ...args);
}

/** The queue, which the test has filled, belongs to the user of the hub. */
function giveToHub(home: string): void {
  if (!isRoot) return;
  const { uid, gid } = hubUser();
  for (const name of readdirSync(`${home}/queue`)) chownSync(`${home}/queue/${name}`, uid, gid);
}

test('called wrongly: nothing is changed, and nothing is asked', async () => {
  const { home, directory, close } = await openSteeredQueue();
  await close();
  const before = statesIn(directory);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /it needs an order\n/],
    [['explode', '--all'], /there is no order explode\n/],
    [['constructor', '--all'], /there is no order constructor\n/],
    [['delete'], /it needs a filter, or --all\n/],
    [['delete', '--dry-run'], /it needs a filter, or --all\n/],
    [['delete', '--all', '--message', '1'], /it takes a filter or --all, and not both\n/],
    [['delete', 'hold', '--all'], /it takes one order, and not hold\n/],
    [['delete', '--state', 'asleep'], /there is no state asleep\n/],
    [['delete', '--older-than', 'x'], /not a time: x\n/],
    [['delete', '--all', '--reason', 'x'], /--reason is for bounce only\n/],
    [['delete', '--everything'], /illegal option -- --everything\n/],
  ];
  for (const [args, problem] of cases) {
    const { exit, stdout, stderr } = await qctl(home, ...args);
    deepStrictEqual([exit, stdout], [100, ''], args.join(' '));
    match(stderr, problem);
    match(stderr, /\nusage: qmail-qctl retry\|hold/);
  }
  deepStrictEqual(statesIn(directory), before);
});

test('without a queue, and where it may not be steered', async () => {
  const none = await qctl(temporaryHome(), 'hold', '--all');
  strictEqual(none.exit, 111);
  match(none.stderr, /^qmail-qctl: fatal: .*there is no queue/);
});

test('another user steers neither a hub nor its store', { skip: !isRoot && 'needs root' }, async () => {
  const { home, directory, store, close } = await openSteeredQueue();
  chmodSync(home, 0o755);
  const before = statesIn(directory);
  const options = { store, steer: async () => true, retryNow: async () => 0, now: Date.now };
  const listener = await listenControl({ ...options, directory, log: () => undefined });
  const asNobody = () =>
    runProgram({
      main: asUserMain,
      program: 'nobody',
      args: ['qmail-qctl', 'delete', '--all'],
      env: { QMAILHOME: home },
    });
  const online = await asNobody();
  strictEqual(online.exit, 111);
  match(online.stderr, /only root and the user that qmail-send runs as may steer the queue\n/);
  await listener.close();
  await close();
  chmodSync(`${directory}/store.sqlite`, 0o600);
  const offline = await asNobody();
  strictEqual(offline.exit, 111);
  match(offline.stderr, /only root and the user that qmail-send runs as may read it\n/);
  deepStrictEqual(statesIn(directory), before);
});

/** Orders one after the other, and what each prints. */
const orders: readonly (readonly [readonly string[], string])[] = [
  [['hold', '--domain', '.two.example', '--dry-run'], 'hold: 5 recipients in 1 message (dry run)\n'],
  [
    ['hold', '--domain', '.two.example'],
    'hold: 5 recipients in 1 message\ndone: 5 recipients in 1 message\n',
  ],
  [
    ['hold', '--domain', '.two.example'],
    'hold: 0 recipients in 0 messages\ndone: 0 recipients in 0 messages\n',
  ],
  [
    ['release', '--recipient', 'x4@sub.two.example'],
    'release: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n',
  ],
  [
    ['delete', '--message', 'five@one.example', '--state', 'waiting'],
    'delete: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n',
  ],
  [['retry', '--all'], 'retry: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n'],
  [['--sender', '', 'delete'], 'delete: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n'],
  [['hold', '--all'], 'hold: 2 recipients in 1 message\ndone: 2 recipients in 1 message\n'],
  [
    ['delete', '--host', '192.0.2.1', '--state', 'failed'],
    'delete: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n',
  ],
];

const left = ['joe held', 'far held', 'x0 held', 'x1 held', 'x2 held', 'x3 held'];

/** A home with a hub's controls under which nothing is tried. */
function stillHome(): string {
  return hubHome({ ...hubControls, concurrencylocal: '0\n', concurrencyremote: '0\n' });
}

test('the same with a hub and without: what is printed, and what the queue holds after it', async () => {
  const stopped = stillHome();
  await (await openSteeredQueue(stopped)).close();
  giveToHub(stopped);
  const running = stillHome();
  cpSync(`${stopped}/queue`, `${running}/queue`, { recursive: true });
  giveToHub(running);
  const hub = await startHub({ home: running, listen: [] });
  for (const [args, stdout] of orders) {
    deepStrictEqual(await qctl(stopped, ...args), { exit: 0, stdout, stderr: '' }, args.join(' '));
    deepStrictEqual(await qctl(running, ...args), { exit: 0, stdout, stderr: '' }, args.join(' '));
  }
  deepStrictEqual(statesIn(`${stopped}/queue`), left);
  deepStrictEqual(statesIn(`${running}/queue`), left);
  await hub.line(/control: order=delete recipients=1 messages=1 filter=/);
  strictEqual(await hub.stop(), 0);
  // What root has changed is still the hub's.
  const next = await startHub({ home: stopped, listen: [] });
  strictEqual(await next.stop(), 0);
});

test('what is held is not tried until it is released, and a bounce says why', async () => {
  // The messages were accepted long ago.
  const home = hubHome({ ...hubControls, locals: 'ref.test\none.example\n', queuelifetime: '999999999\n' });
  await (await openSteeredQueue(home)).close();
  await qctl(home, 'hold', '--recipient', 'joe@ref.test');
  giveToHub(home);
  const hub = await startHub({ home, listen: [] });
  await hub.count(/deferral/, 6);
  strictEqual(hub.delivered().length, 0);
  strictEqual(
    hub.lines.some((line) => line.includes('joe@ref.test')),
    false,
  );
  await qctl(home, 'release', '--message', '1');
  await hub.line(/^starting delivery \d+: msg 1 to local joe@ref\.test/);
  await hub.line(/^delivery \d+: success/);
  strictEqual(hub.delivered().length, 1);
  const reader = openReader(storePath(`${home}/queue`));
  await until('the delivery to be recorded', () =>
    [...reader.recipients(1)].some(({ address }) => address === 'joe@ref.test') ? undefined : true,
  );
  reader.close();
  const answer = await qctl(home, 'bounce', '--message', '1', '--reason', 'Not wanted here.');
  strictEqual(answer.stdout, 'bounce: 1 recipient in 1 message\ndone: 1 recipient in 1 message\n');
  await hub.line(/^bounce msg 1 qp/);
  await hub.count(/^delivery \d+: success/, 2);
  const bounce = hub.messages().find((message) => message.includes('failure notice')) ?? '';
  match(bounce, /<far@two\.example>:\nNot wanted here\. \(#5\.3\.0\)\n/);
  match(bounce, /<gone@Two\.example>:\nno such user \(#5\.1\.1\)\n/);
  match(bounce, /\nTo: root@one\.example\n/);
  strictEqual(await hub.stop(), 0);
});

test('a hub that is starting is waited for', async () => {
  const { home, directory, store, close } = await openSteeredQueue();
  const found = Promise.withResolvers<void>();
  let looks = 0;
  const real = nodeSystem(['hold', '--all']);
  const system: System = {
    ...real,
    env: () => home,
    files: { ...real.files, write: () => undefined },
    now() {
      looks += 1;
      // The first is for the order; the others follow each time that it finds the queue taken and nobody listening.
      if (looks > 2) found.resolve();
      return Date.now();
    },
  };
  const ended = qmailQctl.run(system, { queue: hubQueue });
  await found.promise;
  let steered = 0;
  const listener = await listenControl({
    directory,
    store,
    steer: async () => {
      steered += 1;
      return true;
    },
    retryNow: async () => 0,
    now: Date.now,
    log: () => undefined,
  });
  strictEqual(await ended, 0);
  strictEqual(steered, 7);
  await listener.close();
  await close();
});
