/** The bench, in its shortest form: that it works, not how fast anything is. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/home.ts';
import { separatedHubMissing } from '../support/separated-hub.ts';
import { boundIdleTimes, boundMs } from './fair.ts';
import { isLoadInstalled } from './load.ts';
import { readOptions } from './options.ts';
import { type BenchResult, resultOf, tableOf } from './result.ts';
import { median, runRounds } from './rounds.ts';

const run = promisify(execFile);
const main = new URL('./main.ts', import.meta.url).pathname;

async function bench(asked: string, ...more: readonly string[]): Promise<BenchResult> {
  const output = temporaryDirectory();
  const { stdout } = await run(process.execPath, [main, asked, '--quick', '--output', output, ...more]);
  const [name = ''] = /^\S+/.exec(stdout) ?? [];
  match(name, new RegExp(`^${asked}`));
  const result: BenchResult = JSON.parse(readFileSync(`${output}/${name}.json`, 'utf8'));
  deepStrictEqual(Object.keys(result), ['case', 'ours', 'peers', 'ratios', 'commands']);
  strictEqual(result.case, name);
  deepStrictEqual(Object.keys(result.ratios), Object.keys(result.peers));
  for (const value of Object.values(result.ours)) ok(value > 0);
  return result;
}

const skip = isLoadInstalled ? false : 'qmqp-source is not installed (Debian: postfix)';

test('accept', { skip }, async () => {
  const { ours, peers, commands } = await bench('accept');
  deepStrictEqual(Object.keys(ours), ['1 kB, 2 connections, messages/s']);
  ok(Object.hasOwn(peers, 'qmqp-sink'));
  ok(commands.some((command) => command.startsWith('qmqp-source -s 2 -m 20 -l 1000')));
});

test('smtp-in', { skip }, async () => {
  const { ours, peers, commands } = await bench('smtp-in');
  deepStrictEqual(Object.keys(ours), [
    '1 kB, 2 connections, messages/s',
    '1 kB, 2 connections, kept, messages/s',
  ]);
  ok(Object.hasOwn(peers, 'postfix') === (process.getuid?.() === 0) && Object.hasOwn(peers, 'smtp-sink'));
  ok(commands.some((command) => command.startsWith('smtp-source -d -s 2 -m 20 -l 1000')));
});

test('end-to-end', { skip }, async () => {
  deepStrictEqual(Object.keys((await bench('end-to-end')).ours), ['1 kB, 50 connections, messages/s']);
});

test('end-to-end, separated', { skip: skip || separatedHubMissing }, async () => {
  deepStrictEqual(Object.keys((await bench('end-to-end', '--separated')).ours), [
    '1 user, 1 kB, 50 connections, messages/s',
    '50 users, 1 kB, 50 connections, messages/s',
  ]);
});

test('relay', { skip }, async () => {
  const { ours, peers } = await bench('relay', '--sink', 'slow', '--sink', 'far');
  deepStrictEqual(Object.keys(ours), [
    '20 recipients a message, 20 ms a command, recipients/s',
    '20 recipients a message, 20 ms away, recipients/s',
  ]);
  ok(Object.hasOwn(peers, 'ours, a connection for each recipient'));
});

test('client', async () => {
  const { ours, ratios } = await bench('client');
  ok(
    Object.hasOwn(ours, 'CPU ms') &&
      Object.hasOwn(ours, 'private MB') &&
      Object.hasOwn(ours, 'cold, wall ms'),
  );
  ok(Object.hasOwn(ratios, 'node, same bundle') && Object.hasOwn(ratios, 'node, empty script'));
});

test('backlog: a long queue needs no more memory than a short one', async () => {
  const { ours, ratios } = await bench('backlog');
  deepStrictEqual(Object.keys(ours), [
    'start to first delivery, ms',
    'accept one message, ms',
    'qmail-qstat, ms',
    'peak resident MB',
    'private MB',
  ]);
  const { 'peak resident MB': peak = 0 } = ratios['1000 waiting'] ?? {};
  ok(peak > 0 && peak < 1.5, `${peak} times the memory`);
});

test('fair: one message of another host comes through a flood', async () => {
  const { ours, peers } = await bench('fair');
  const { 'median ms': idleMs = 0 } = peers['idle'] ?? {};
  const { 'worst ms': worstMs = 0 } = ours;
  ok(
    worstMs <= Math.max(boundMs, boundIdleTimes * idleMs),
    `${worstMs} ms, and ${idleMs} ms without a flood`,
  );
});

test('qmqps: plain, in TLS, and in TLS that is resumed', async () => {
  const { ours, peers } = await bench('qmqps');
  deepStrictEqual(Object.keys(ours), ['1 kB, 2 connections, messages/s']);
  deepStrictEqual(Object.keys(peers), ['plain', 'TLS, full']);
});

test('flush: a full spool needs hardly more memory than one with few messages', { skip }, async () => {
  const { ours, ratios } = await bench('flush');
  deepStrictEqual(Object.keys(ours), [
    '2 connections, messages/s',
    "of qmqp-source's rate",
    'CPU ms a message',
    'peak resident MB',
    'sendmail into the spool, ms',
  ]);
  const { 'peak resident MB': peak = 0 } = ratios['500 waiting'] ?? {};
  ok(peak > 0 && peak < 1.5, `${peak} times the memory`);
});

test('every subject has its turn in every round, and none is always the first', async () => {
  const turns: string[] = [];
  const values = await runRounds(['a', 'b', 'c'], { rounds: 3, pauseMs: 0 }, async (subject) => {
    turns.push(subject);
    return turns.length;
  });
  deepStrictEqual(turns.join(''), 'abcbcacab');
  deepStrictEqual(values.get('a'), [1, 6, 8]);
});

test('the median is the middle, or halfway between the two in the middle', () => {
  deepStrictEqual([median([3]), median([9, 1, 5]), median([4, 1, 3, 2])], [3, 5, 2.5]);
});

test('a ratio is ours by theirs, and only of what both have', () => {
  const result = resultOf('x', [
    { name: 'ours', figures: { speed: 10, size: 4 }, commands: ['a'] },
    { name: 'peer', figures: { speed: 5 }, commands: ['a', 'b'] },
  ]);
  deepStrictEqual(result.ratios, { peer: { speed: 2 } });
  deepStrictEqual(result.commands, ['a', 'b']);
  strictEqual(
    tableOf(result),
    'x      ours  peer  ratio\nspeed  10.0  5.00   2.00\nsize   4.00     -      -',
  );
});

test('options have values that make sense', () => {
  deepStrictEqual(readOptions(['accept', '--connections', '7', '--size=500']).connections, [7]);
  for (const args of [
    [],
    ['accept', '--rounds', 'x'],
    ['accept', '--seconds', '0'],
    ['relay', '--sink', 'x'],
    ['--nonsense', 'accept'],
  ]) {
    let problem = '';
    try {
      readOptions(args);
    } catch (error) {
      problem = String(error);
    }
    ok(problem.startsWith('Error: '), args.join(' '));
  }
});
