import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createConnectionPool } from '../../src/remote/connection-pool.ts';
import type { Connection } from '../../src/remote/index.ts';

interface Fake extends Connection {
  isOpen: boolean;
}

function fake(): Fake {
  const connection: Fake = {
    isOpen: true,
    deliver: () => Promise.reject(new Error('nothing is delivered here')),
    close() {
      connection.isOpen = false;
    },
  };
  return connection;
}

function timers(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  return context.mock.timers;
}

test('what was kept last is taken first, by its destination', (context) => {
  timers(context);
  const pool = createConnectionPool();
  const [one, two, other] = [fake(), fake(), fake()];
  pool.keep('a', one, 1000);
  pool.keep('a', two, 1000);
  pool.keep('b', other, 1000);
  deepStrictEqual(
    [pool.take('a'), pool.take('a'), pool.take('a'), pool.take('c')],
    [two, one, undefined, undefined],
  );
  strictEqual(pool.size, 1);
});

test('one that has closed is passed over', (context) => {
  timers(context);
  const pool = createConnectionPool();
  const [one, two] = [fake(), fake()];
  pool.keep('a', one, 1000);
  pool.keep('a', two, 1000);
  two.isOpen = false;
  strictEqual(pool.take('a'), one);
  strictEqual(pool.size, 0);
});

test('one that has nothing to do for long is closed', (context) => {
  const clock = timers(context);
  const pool = createConnectionPool();
  const [one, two] = [fake(), fake()];
  pool.keep('a', one, 1000);
  clock.tick(600);
  pool.keep('a', two, 1000);
  clock.tick(600);
  deepStrictEqual([one.isOpen, two.isOpen, pool.size], [false, true, 1]);
  strictEqual(pool.take('a'), two);
  clock.tick(5000);
  ok(two.isOpen);
});

test('there are never more than so many, and none when it closes', (context) => {
  timers(context);
  const pool = createConnectionPool(2);
  const all = [fake(), fake(), fake()];
  for (const [index, connection] of all.entries()) pool.keep(String(index), connection, 1000);
  deepStrictEqual(
    all.map(({ isOpen }) => isOpen),
    [false, true, true],
  );
  pool.close();
  deepStrictEqual(
    all.map(({ isOpen }) => isOpen),
    [false, false, false],
  );
});
