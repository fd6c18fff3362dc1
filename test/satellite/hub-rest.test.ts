import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Attempt, ExchangeOutcome } from '../../qmqp/index.ts';
import { openHubRest } from '../../src/satellite/hub-rest.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const place = '192.0.2.1:628';

const failed: ExchangeOutcome = { kind: 'connect-failed', text: 'connection refused' };
const taken: ExchangeOutcome = { kind: 'answered', answer: { verdict: 'K', text: '' } };
const later: ExchangeOutcome = { kind: 'answered', answer: { verdict: 'Z', text: '' } };
const broken: ExchangeOutcome = { kind: 'broken', sent: true, text: '' };

const attempts = (outcome: ExchangeOutcome, count = 1): readonly Attempt[] =>
  Array.from({ length: count }, () => ({ hub: 'hub', place, outcome }));

function world(directory = temporaryDirectory()) {
  const clock = { nowMs: 1_000_000_000_000 };
  const system = { ...nodeSystem([]), now: () => clock.nowMs };
  return { clock, directory, open: (fresh = false) => openHubRest(system, directory, fresh) };
}

/** For how many seconds it rests. */
function restSeconds(rest: ReturnType<typeof openHubRest>, clock: { nowMs: number }): number {
  const start = clock.nowMs;
  while (rest.isResting(place)) clock.nowMs += 1000;
  return (clock.nowMs - start) / 1000;
}

test('a hub that cannot be reached rests twice as long each time, and an answer ends that', () => {
  const { clock, open, directory } = world();
  const rest = open();
  const times: number[] = [];
  for (let count = 0; count < 9; count += 1) {
    rest.note(attempts(failed));
    times.push(restSeconds(rest, clock));
  }
  deepStrictEqual(times, [15, 30, 60, 120, 240, 480, 900, 900, 900]);
  rest.note(attempts(taken));
  deepStrictEqual([rest.isResting(place), readdirSync(directory)], [false, []]);
  rest.note(attempts(failed));
  strictEqual(restSeconds(rest, clock), 15);
});

test('what fails at the same time counts once', () => {
  const { clock, open } = world();
  const rest = open();
  rest.note(attempts(failed, 20));
  strictEqual(restSeconds(rest, clock), 15);
});

test('ten sessions in a row that bring nothing are a failure', () => {
  for (const outcome of [later, broken]) {
    const rest = world().open();
    rest.note(attempts(outcome, 9));
    strictEqual(rest.isResting(place), false);
    rest.note(attempts(taken));
    rest.note(attempts(outcome, 9));
    strictEqual(rest.isResting(place), false);
    rest.note(attempts(outcome));
    strictEqual(rest.isResting(place), true);
  }
});

test('this machine without a socket is no fault of the hub, nor is a name that is not found', () => {
  const rest = world().open();
  rest.note(attempts({ kind: 'no-socket', text: '' }));
  rest.note([{ hub: 'hub', place: undefined, outcome: failed }]);
  strictEqual(rest.isResting(place), false);
});

test('the next flush knows, unless it is not to heed it', () => {
  const { clock, open } = world();
  open().note(attempts(failed));
  strictEqual(open(true).isResting(place), false);
  strictEqual(restSeconds(open(), clock), 15);
  const rest = open();
  rest.note(attempts(failed));
  strictEqual(restSeconds(rest, clock), 30);
});

test('a clock that went back, nonsense and a directory that cannot be written to do no harm', () => {
  const { clock, open, directory } = world();
  open().note(attempts(failed));
  clock.nowMs -= 3_600_000;
  strictEqual(open().isResting(place), false);
  writeFileSync(`${directory}/${place}`, 'nonsense');
  strictEqual(open().isResting(place), false);
  strictEqual(world('/missing/hubs').open().isResting(place), false);
  const locked = `${temporaryDirectory()}/hubs`;
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  const rest = world(locked).open();
  rest.note(attempts(failed));
  strictEqual(rest.isResting(place), true);
  rest.note(attempts(taken));
  strictEqual(rest.isResting(place), false);
});
