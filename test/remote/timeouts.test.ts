import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openTimeouts, type Timeouts } from '../../src/remote/index.ts';
import { restMs } from '../../src/remote/timeouts.ts';
import { temporaryDirectory } from '../support/home.ts';

interface Clock {
  nowMs: number;
}

function open(clock: Clock, path = `${temporaryDirectory()}/lock/tcpto`): Timeouts {
  return openTimeouts({ path, now: () => clock.nowMs, spread: 0 });
}

const minute = 60_000;

test('a host rests after two timeouts that are two minutes apart, for about an hour', () => {
  const clock = { nowMs: 1_700_000_000_000 };
  const timeouts = open(clock);
  timeouts.timedOut('192.0.2.1');
  ok(!timeouts.isResting('192.0.2.1'));
  clock.nowMs += minute;
  timeouts.timedOut('192.0.2.1');
  ok(!timeouts.isResting('192.0.2.1'));
  clock.nowMs += minute;
  timeouts.timedOut('192.0.2.1');
  ok(timeouts.isResting('192.0.2.1'));
  ok(!timeouts.isResting('192.0.2.2'));
  clock.nowMs += restMs(0) - 1;
  ok(timeouts.isResting('192.0.2.1'));
  clock.nowMs += 1;
  ok(!timeouts.isResting('192.0.2.1'));
  // It has one try, and rests again when that fails.
  timeouts.timedOut('192.0.2.1');
  ok(timeouts.isResting('192.0.2.1'));
  timeouts.answered('192.0.2.1');
  ok(!timeouts.isResting('192.0.2.1'));
  deepStrictEqual(timeouts.list(), []);
});

test('processes rest for between 64 and 97 minutes', () => {
  deepStrictEqual([restMs(0) / minute, Math.round(restMs(31) / minute), restMs(32)], [64, 97, restMs(0)]);
});

test('the file tells other processes, in lines', () => {
  const clock = { nowMs: 1_700_000_000_000 };
  const path = `${temporaryDirectory()}/lock/tcpto`;
  const [one, other] = [open(clock, path), open(clock, path)];
  one.timedOut('2001:db8::1');
  other.timedOut('192.0.2.1');
  clock.nowMs += 2 * minute;
  other.timedOut('2001:db8::1');
  ok(one.isResting('2001:db8::1'));
  deepStrictEqual(open(clock, path).list(), [
    { address: '2001:db8::1', strikes: 2, lastMs: clock.nowMs },
    { address: '192.0.2.1', strikes: 1, lastMs: 1_700_000_000_000 },
  ]);
  strictEqual(readFileSync(path, 'latin1').split('\n')[1]?.trim(), '192.0.2.1 1 1700000000000');
  other.clear();
  deepStrictEqual(one.list(), []);
});

test('more hosts than there are lines: the oldest go', () => {
  const clock = { nowMs: 1 };
  const path = `${temporaryDirectory()}/lock/tcpto`;
  const timeouts = open(clock, path);
  for (let count = 0; count < 1000; count += 1) {
    clock.nowMs += 1;
    timeouts.timedOut(`192.0.${count >> 8}.${count & 255}`);
  }
  const { size } = statSync(path);
  strictEqual(size, 256 * 72);
  strictEqual(timeouts.list().length, 256);
  ok(timeouts.list().some(({ address }) => address === '192.0.3.231'));
});

test('a file of anything is no offence', () => {
  const path = `${temporaryDirectory()}/tcpto`;
  writeFileSync(path, `${'x'.repeat(71)}\n192.0.2.1 -5 99\n${'\0'.repeat(500)}192.0.2.1 2 junk`);
  const timeouts = open({ nowMs: 1 }, path);
  deepStrictEqual(timeouts.list(), []);
  timeouts.timedOut('192.0.2.1');
  strictEqual(timeouts.list().length, 1);
});

test('without a file the process remembers alone', () => {
  const directory = temporaryDirectory();
  for (const path of ['/proc/none/tcpto', `${directory}/readonly`]) {
    if (path.startsWith(directory)) {
      writeFileSync(path, '');
      chmodSync(path, 0o444);
    }
    const clock = { nowMs: 1 };
    const timeouts = open(clock, path);
    timeouts.timedOut('192.0.2.1');
    clock.nowMs += 3 * minute;
    timeouts.timedOut('192.0.2.1');
    ok(timeouts.isResting('192.0.2.1'), path);
  }
});
