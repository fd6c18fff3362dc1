import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { everything, type Filter, type ShapeKey, shapeMinutes, shapeOf } from '../../src/queue/index.ts';
import { birthMs, minuteMs, openSteeredQueue } from '../support/steered-queue.ts';

async function shape(key: ShapeKey, part: Partial<Filter> = {}, nowMs = birthMs + 6 * minuteMs) {
  const { store, close } = await openSteeredQueue();
  const { total, rows, others } = shapeOf({ queue: store, key, filter: { ...everything, ...part }, nowMs });
  await close();
  strictEqual(others, undefined);
  for (const row of [total, ...rows]) {
    strictEqual(row.counts.length, shapeMinutes.length + 1);
    strictEqual(
      row.counts.reduce((sum, count) => sum + count, 0),
      row.total,
    );
  }
  return [total, ...rows].map(({ name, counts }) => [name, ...counts.slice(0, 3)]);
}

test('recipients by domain and age, without those that have failed', async () => {
  deepStrictEqual(await shape('domain'), [
    ['', 5, 3, 0],
    ['sub.two.example', 5, 0, 0],
    ['ref.test', 0, 1, 0],
    ['three.example', 0, 1, 0],
    ['two.example', 0, 1, 0],
  ]);
});

test('messages by the domain of their sender, and by the host that submitted them', async () => {
  deepStrictEqual(await shape('sender'), [
    ['', 1, 2, 0],
    ['one.example', 1, 1, 0],
    ['', 0, 1, 0],
  ]);
  deepStrictEqual(await shape('host'), [
    ['', 1, 2, 0],
    ['', 0, 1, 0],
    ['192.0.2.1', 0, 1, 0],
    ['192.0.2.2', 1, 0, 0],
  ]);
});

test('what is asked for, also what has failed', async () => {
  deepStrictEqual(await shape('domain', { states: ['failed'] }), [
    ['', 0, 1, 0],
    ['two.example', 0, 1, 0],
  ]);
  deepStrictEqual(await shape('host', { domains: ['two.example'] }), [
    ['', 0, 1, 0],
    ['192.0.2.1', 0, 1, 0],
  ]);
});

test('the ages', async () => {
  const { store, close } = await openSteeredQueue();
  const columns = [0, 4.9, 5, 9.9, 10, 639, 640, 1279, 1280, 5000, -10].map((minutes) => {
    const filter = { ...everything, messages: ['2'] };
    const nowMs = birthMs + minuteMs + minutes * minuteMs;
    return shapeOf({ queue: store, key: 'host', filter, nowMs }).total.counts.indexOf(1);
  });
  await close();
  deepStrictEqual(columns, [0, 0, 1, 1, 2, 7, 8, 8, 9, 9, 0]);
});
