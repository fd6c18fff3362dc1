import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openReader, storePath } from '../../src/queue/index.ts';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { birthMs, openSteeredQueue } from '../support/steered-queue.ts';

function qstat(home: string, ...args: readonly string[]) {
  return runHere(home, 'qmail-qstat', ...args);
}

const classic = 'messages in queue: 3\nmessages in queue but not yet preprocessed: 0\n';

test('two lines, whether the hub runs or not', async () => {
  const { home, close } = await openSteeredQueue();
  const count = () => runProgram({ program: 'qmail-qstat', env: { QMAILHOME: home } });
  deepStrictEqual(await count(), { exit: 0, stdout: classic, stderr: '' });
  await close();
  deepStrictEqual(await count(), { exit: 0, stdout: classic, stderr: '' });
});

test('with -l also the recipients by state and the oldest age; with --json all of it as an object', async () => {
  const { home, close } = await openSteeredQueue();
  await close();
  const { stdout } = await qstat(home, '-l');
  strictEqual(stdout.startsWith(classic), true);
  deepStrictEqual(stdout.slice(classic.length).split('\n').slice(0, 5), [
    'recipients fresh: 6',
    'recipients waiting: 1',
    'recipients held: 1',
    'recipients failed: 1',
    'messages being received: 0',
  ]);
  match(stdout, /\nage of the oldest message: \d+[dhms]( \d+[hms])?\n$/);
  const { oldestSeconds, ...json } = JSON.parse((await qstat(home, '--json')).stdout);
  strictEqual(Math.abs(oldestSeconds - (Date.now() - birthMs) / 1000) < 60, true);
  deepStrictEqual(json, {
    messages: 3,
    fresh: 6,
    waiting: 1,
    held: 1,
    failed: 1,
    incoming: 0,
    oldest: '2026-11-05T08:44:38.000Z',
  });
});

test('an empty queue', async () => {
  const { home, store, close } = await openSteeredQueue();
  for (const { id } of store.messages()) {
    for (const recipient of store.recipients(id))
      if (recipient.state !== 'failed') await store.settle(recipient);
  }
  for (const message of store.bouncesDue(0, 10)) await store.discard(message);
  await close();
  match(
    (await qstat(home, '--long')).stdout,
    /^messages in queue: 0\n(.*\n)*age of the oldest message: none\n$/,
  );
  const json = JSON.parse((await qstat(home, '--json')).stdout);
  deepStrictEqual([json.messages, json.oldest, json.oldestSeconds], [0, null, null]);
  const monitored = await qstat(home, '--crit-age', '0', '--crit-count', '0');
  strictEqual(monitored.exit, 0);
});

test('a monitor is told by exit codes, and reads one line', async () => {
  const { home, close } = await openSteeredQueue();
  await close();
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [
      ['--warn-age', '520w', '--warn-count', '3'],
      0,
      /^QUEUE OK - 3 messages, the oldest .* old \| messages=3;3;;0 /,
    ],
    [['--warn-count=2', '--crit-count=3'], 1, /^QUEUE WARNING - 3 messages/],
    [['--warn-age', '1s'], 1, /^QUEUE WARNING /],
    [['--warn-age', '1s', '--crit-age', '2s'], 2, /^QUEUE CRITICAL /],
    [['--crit-count', '2'], 2, /^QUEUE CRITICAL /],
    [['--warn-age', 'soon'], 3, /^QUEUE UNKNOWN - --warn-age soon: not a time\n/],
    [['--warn-count', '-1'], 3, /^QUEUE UNKNOWN - --warn-count -1: not a number\n/],
    [['--crit-count', ''], 3, /^QUEUE UNKNOWN /],
    [['--crit-count', '5', 'operand'], 3, /^QUEUE UNKNOWN - usage: /],
  ];
  for (const [args, exit, line] of cases) {
    const ended = await qstat(home, ...args);
    deepStrictEqual([ended.exit, ended.stderr], [exit, ''], args.join(' '));
    match(ended.stdout, line);
    match(ended.stdout, /^[^\n]*\n$/);
  }
  const nowhere = await qstat(temporaryHome(), '--warn-age', '30m');
  strictEqual(nowhere.exit, 3);
  match(nowhere.stdout, /^QUEUE UNKNOWN - unable to read .*there is no queue/);
});

test('without a queue, and called wrongly', async () => {
  const none = await qstat(temporaryHome());
  strictEqual(none.exit, 111);
  match(none.stderr, /^qmail-qstat: fatal: .*\/queue\/store\.sqlite: there is no queue/);
  const wrong = await qstat(temporaryHome(), 'x');
  strictEqual(wrong.exit, 100);
  match(wrong.stderr, /usage: qmail-qstat /);
  strictEqual((await qstat(temporaryHome(), '--later')).exit, 100);
});

test('the numbers are those that the queue keeps', async () => {
  const { directory, close } = await openSteeredQueue();
  const reader = openReader(storePath(directory));
  const { messages, fresh, waiting, held, failed } = reader.counts();
  deepStrictEqual([messages, fresh, waiting, held, failed], [3, 6, 1, 1, 1]);
  reader.close();
  await close();
});
