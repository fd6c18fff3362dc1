/**
 * The host in C (src/tiny/host.ts says what it gives): the process, its clocks, and an argument of the wrong kind, which is
 * refused and never passed on.
 */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openHow, pollFor, statusNumbers } from '../../src/tiny/host.ts';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';

const skip = tinyMissing;

test('arguments and variables are bytes', { skip }, async (context) => {
  const env = { PLAIN: 'x=y', EMPTY: '' };
  const { call } = await openTinyBody(context, { args: ['-a', '', 'caf\u00e9'], env });
  deepStrictEqual(call('args'), ['-a', '', 'caf\xc3\xa9']);
  deepStrictEqual(
    ['PLAIN', 'EMPTY', 'NONE'].map((name) => call('env', name)),
    ['x=y', '', undefined],
  );
});

test('the process and its clocks', { skip }, async (context) => {
  const body = await openTinyBody(context);
  strictEqual(body.call('pid'), body.process.pid);
  strictEqual(body.call('uid'), process.getuid?.());
  const earliest = Date.now();
  const now = body.call('now') as number;
  ok(earliest <= now && now <= Date.now());
  const before = body.call('monotonic') as number;
  await body.start('pause', 3);
  ok((body.call('monotonic') as number) - before >= 3);
});

test('an argument of the wrong kind is refused', { skip }, async (context) => {
  const { call } = await openTinyBody(context);
  const wrong: readonly (readonly [string, ...unknown[]])[] = [
    ['open', 7, 0, 0],
    ['open', '/x', Object.keys(openHow).length, 0],
    ['open', '/x', -1, 0],
    ['open', '/x', 0, 0o10000],
    ['open', '/x', 'read', 0],
    ['open'],
    ['close', -1],
    ['close', 1.5],
    ['close', 2 ** 31],
    ['close', null],
    ['read', 0, 'text', -1],
    ['read', 0, { length: 9 }, -1],
    ['read', 0, null, -2],
    ['write', 0, null, 2 ** 54],
    ['rename', '/x'],
    ['list', '/', 'take'],
    ['status', '/', true, [1, 2, 3]],
    ['status', null, true, null],
    ['socketPair', [1, 2]],
    ['socket', null, false],
    ['connect', 0, '127.0.0.1', -1],
    ['connect', 0, '127.0.0.1', 65_536],
    ['poll', -2, 0, 0],
    ['poll', -1, Object.keys(pollFor).length, 0],
    ['poll', -1, 0, -2],
    ['pollAll', new Int32Array(3), -2],
    ['pollAll', 'text', 0],
    ['random', statusNumbers],
    ['start', ['/bin/true'], ['A=b', 3], [], false],
    ['start', ['/bin/true'], [], [-2], false],
    ['start', ['/bin/true'], [], new Array(17).fill(-1), false],
    ['start', null, null, null, false],
    ['wait', -1],
    ['end', 1],
    ['exit', 256],
    ['load', 1],
    ['errorName', -1],
  ];
  for (const [name, ...values] of wrong)
    throws(() => call('host', name, ...values), `${name} ${JSON.stringify(values)}`);
});

test('standard descriptors that are closed are opened on nothing', { skip }, async (context) => {
  const body = await openTinyBody(context, { stdio: ['ignore', 'ignore', 'ignore'] });
  ok((body.call('open', '/dev/null', 'read') as number) > 4);
});
