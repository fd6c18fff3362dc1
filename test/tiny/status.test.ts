import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from '../../src/tiny/status.ts';
import { fakeHost } from '../support/fake-host.ts';

function hostWith(numbers: readonly number[]) {
  const fill = (_of: unknown, _follow: unknown, into: Float64Array) => {
    into.set(numbers);
    return 0;
  };
  return fakeHost({ status: [fill] });
}

const numbers = [1, 4096, 0, 66, 1, 2, 0o755, 1000, 3, 5.5, 7.25];

test('each number has its place', () => {
  const { host, called } = hostWith(numbers);
  deepStrictEqual(readStatus(host, '/x', true), {
    kind: 'directory',
    sizeBytes: 4096,
    identity: '0.66:1.2',
    mode: 0o755,
    uid: 1000,
    links: 3,
    modifiedMs: 5.5,
    touchedMs: 7.25,
  });
  deepStrictEqual(called[0]?.slice(0, 3), ['status', '/x', true]);
});

test('files whose numbers differ beyond 53 bits are two', () => {
  const other = numbers.with(4, 2);
  const identity = (of: readonly number[]) => readStatus(hostWith(of).host, 4, true).identity;
  notStrictEqual(identity(numbers), identity(other));
  strictEqual(identity(numbers), identity([...numbers]));
});
