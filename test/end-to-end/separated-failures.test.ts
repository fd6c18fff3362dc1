/**
 * What goes wrong for one user of the hub that root starts: it is deferred with a text that says what to do, everybody
 * else's mail flows, and when it is right again each message is there once.
 */
import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeHome, uidOf } from '../support/hub-host.ts';
import { type SeparatedHub, separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

const skip = separatedHubMissing;

const users = ['ann', 'kim', 'full', 'quota', 'gone', 'slow', 'hung'];

let hub: SeparatedHub;

const indexOf = (user: string) => users.indexOf(user);

/** A file of a user's own. */
function give(user: string, name: string, text: string): void {
  const path = `${hub.host.root}/home/${user}/${name}`;
  writeFileSync(path, text);
  chownSync(path, uidOf(indexOf(user)), uidOf(indexOf(user)));
}

before(async () => {
  if (skip !== false) return;
  hub = await startSeparatedHub({ users, controls: { timeoutprogram: '1\n' } });
});

after(() => hub?.close());

/** Sends a message to a user and answers what became of the first attempt. */
async function attempt(user: string, body: string): Promise<string> {
  const from = hub.lines.length;
  await hub.send('ann@hub.test', [`${user}@hub.test`], `Subject: to ${user}\n\n${body}\n`);
  const start = await hub.line(new RegExp(`^starting delivery \\d+: .* local ${user}@hub\\.test$`), from);
  return hub.line(new RegExp(`^delivery ${/\d+/.exec(start)?.[0]}: `), from);
}

/** Has everything tried again and waits for a success for this user. */
async function again(user: string): Promise<void> {
  const from = hub.lines.length;
  const starting = new RegExp(`^starting delivery (\\d+): .* local ${user}@hub\\.test$`);
  // What is about to be recorded is not waiting yet, and is not hastened.
  const start = await until(
    `another attempt for ${user}`,
    () => {
      process.kill(hub.pid, 'SIGALRM');
      return hub.lines.slice(from).find((line) => starting.test(line));
    },
    30_000,
    200,
  );
  const end = await hub.line(new RegExp(`^delivery ${starting.exec(start)?.[1]}: `), from);
  assert.match(end, /: success: /);
}

function isThereOnce(user: string, body: string): void {
  const [message = '', ...more] = hub.mail(user);
  assert.deepEqual(more, []);
  assert.ok(message.endsWith(`\n${body}\n`));
}

/** Somebody else's mail comes through. */
async function othersFlow(): Promise<void> {
  assert.match(await attempt('ann', 'x'), /: success: did_1\+0\+0\/$/);
}

test('a worker that is killed in the middle of a delivery', { skip }, async () => {
  give('kim', '.qmail', '|touch started; exec sleep 1000\n');
  const attempted = attempt('kim', 'for kim');
  const started = `${hub.host.root}/home/kim/started`;
  await until('the program to start', () => (existsSync(started) ? true : undefined));
  const worker = hub
    .processes()
    .find(
      ({ words, pid }) =>
        words[0] === 'qmail-ldeliver' &&
        readFileSync(`/proc/${pid}/status`, 'latin1').includes(`\nUid:\t${uidOf(indexOf('kim'))}\t`),
    );
  await othersFlow();
  process.kill(worker?.pid ?? 0, 'SIGKILL');
  assert.match(await attempted, /: deferral: the_delivery_worker_of_kim_went_away/);
  await hub.line(/^warning: the delivery worker of kim has ended: signal SIGKILL$/);
  give('kim', '.qmail', './Maildir/\n');
  await again('kim');
  isThereOnce('kim', 'for kim');
});

test('a home on a disk that is full', { skip }, async () => {
  const home = '/home/full';
  await hub.host.sh(`mount -t tmpfs -o size=128k,mode=755 none ${home}`);
  makeHome(hub.host, home, uidOf(indexOf('full')));
  const body = 'x\n'.repeat(200_000);
  assert.match(await attempt('full', body), /: deferral: Unable_to_deliver_to_maildir_.*no_space_left/i);
  assert.deepEqual(readdirSync(`${hub.host.root}${home}/Maildir/tmp`), []);
  assert.deepEqual(hub.mail('full'), []);
  await othersFlow();
  await hub.host.sh(`mount -o remount,size=4m ${home}`);
  await again('full');
  isThereOnce('full', body);
});

test('a home that may hold no more files', { skip }, async () => {
  const home = '/home/quota';
  await hub.host.sh(`mount -t tmpfs -o nr_inodes=6,mode=755 none ${home}`);
  makeHome(hub.host, home, uidOf(indexOf('quota')));
  give('quota', '.filler', '');
  assert.match(await attempt('quota', 'y'), /: deferral: Unable_to_deliver_to_maildir_.*no_space_left/i);
  await othersFlow();
  rmSync(`${hub.host.root}${home}/.filler`);
  await again('quota');
  isThereOnce('quota', 'y');
});

test('a home that is missing', { skip }, async () => {
  const home = `${hub.host.root}/home/gone`;
  rmSync(home, { recursive: true });
  assert.match(await attempt('gone', 'z'), /: deferral: .*\/home\/gone/);
  await othersFlow();
  makeHome(hub.host, '/home/gone', uidOf(indexOf('gone')));
  // Whose home is missing is remembered for a few seconds.
  await until('the home to be seen', async () => {
    process.kill(hub.pid, 'SIGALRM');
    const found = hub.mail('gone').length;
    return found > 0 ? true : undefined;
  });
  isThereOnce('gone', 'z');
});

test('a program that never ends', { skip }, async () => {
  give('slow', '.qmail', '|trap "" TERM; while :; do sleep 1; done\n');
  const attempted = attempt('slow', 'w');
  await othersFlow();
  assert.match(await attempted, /: deferral: .*ran_for_more_than_1_second/);
  give('slow', '.qmail', './Maildir/\n');
  await again('slow');
  isThereOnce('slow', 'w');
});

test('in the end nothing is left in the queue, and nobody got a bounce', { skip }, async () => {
  await until('an empty queue', async () =>
    /^messages in queue: 0$/m.test(await hub.host.sh('/opt/mini-qmail/mini-qmail qmail-qstat'))
      ? true
      : undefined,
  );
  assert.deepEqual(
    hub.lines.filter((line) => line.startsWith('bounce')),
    [],
  );
});
