import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { followLog, parseLogLine } from './qmail-log.ts';
import { vectorPath } from './vectors.ts';

const good = [
  'status: local 0/10 remote 0/20',
  'new msg 5',
  'info msg 5: bytes 100 from <a@x> qp 9 uid 7',
  'starting delivery 1: msg 5 to local b@x',
  'status: local 1/10 remote 0/20',
  'delivery 1: failure: no_such_user/',
  'status: local 0/10 remote 0/20',
  'bounce msg 5 qp 6',
  'end msg 5',
  'new msg 6',
  'info msg 6: bytes 200 from <> qp 6 uid 7',
  'status: exiting',
];

test('a log is followed from the first line of a message to its last', () => {
  const messages = followLog(good);
  assert.deepEqual([...messages.keys()], ['5', '6']);
  assert.equal(messages.get('5')?.end, 'bounced');
  assert.equal(messages.get('5')?.bounce, '6');
  assert.deepEqual(messages.get('5')?.attempts, [{ channel: 'local', address: 'b@x', result: 'failure' }]);
  assert.equal(messages.get('6')?.end, 'open');
});

test('a log that contradicts itself is refused', () => {
  // Each line in turn is left out, or comes twice.
  const optional = new Set([0, 4, 6, 11]);
  good.forEach((line, index) => {
    const without = good.toSpliced(index, 1);
    const twice = good.toSpliced(index, 0, line);
    if (!optional.has(index) && index !== 8 && index !== 7)
      assert.throws(() => followLog(without), `without ${line}`);
    if (!optional.has(index) && index !== 7) assert.throws(() => followLog(twice), `twice ${line}`);
  });
});

test('lines of other forms are refused', () => {
  for (const line of [
    '',
    'new msg',
    'new msg x',
    'new msg 5 ',
    'info msg 5: bytes 1 from <a b> qp 1 uid 1',
    'delivery 1: success: a b',
    'delivery 1: maybe: x',
    'status: local 0/10',
    'hello',
  ])
    assert.throws(() => parseLogLine(line), line);
});

const vectors = vectorPath('send.json');

test('logs of qmail-send parse', { skip: existsSync(vectors) ? false : `${vectors} does not exist` }, () => {
  const cases = JSON.parse(readFileSync(vectors, 'utf8')) as readonly { log_full: string }[];
  for (const { log_full } of cases) {
    const lines = log_full.trimEnd().split('\n');
    for (const line of lines) parseLogLine(line.replaceAll(/<(?:MSG|PID|UID)>/g, '1'));
  }
});
