import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { remember } from '../../../src/local/users/remember.ts';

function counting(answer: (question: string) => Promise<string>) {
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return answer(question);
  };
  return { asked, ask };
}

test('an answer counts for a while, from when it was asked for', async () => {
  let nowMs = 0;
  const { asked, ask } = counting(async (question) => `${question}!`);
  const memory = remember(ask, { rememberMs: 100, entriesMax: 10, now: () => nowMs });
  strictEqual(await memory('a'), 'a!');
  nowMs = 99;
  strictEqual(await memory('a'), 'a!');
  deepStrictEqual(asked, ['a']);
  nowMs = 100;
  strictEqual(await memory('a'), 'a!');
  deepStrictEqual(asked, ['a', 'a']);
});

test('the same question at the same time is asked once', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { asked, ask } = counting(() => promise);
  const memory = remember(ask, { rememberMs: 100, entriesMax: 10, now: () => 0 });
  const answers = [memory('a'), memory('a'), memory('a')];
  resolve('once');
  deepStrictEqual(await Promise.all(answers), ['once', 'once', 'once']);
  deepStrictEqual(asked, ['a']);
});

test('a question that is being answered is not asked again, however long that takes', async () => {
  let nowMs = 0;
  const { promise, resolve } = Promise.withResolvers<string>();
  const { asked, ask } = counting(() => promise);
  const memory = remember(ask, { rememberMs: 100, entriesMax: 10, now: () => nowMs });
  const first = memory('a');
  nowMs = 1000;
  const second = memory('a');
  resolve('late');
  deepStrictEqual(await Promise.all([first, second]), ['late', 'late']);
  deepStrictEqual(asked, ['a']);
  strictEqual(await memory('a'), 'late');
  deepStrictEqual(asked, ['a', 'a']);
});

test('a failure is told to all who wait, and not remembered', async () => {
  let fails = true;
  const { asked, ask } = counting(async () => {
    if (fails) throw new Error('not now');
    return 'now';
  });
  const memory = remember(ask, { rememberMs: 100, entriesMax: 10, now: () => 0 });
  await Promise.all([rejects(memory('a'), /not now/), rejects(memory('a'), /not now/)]);
  fails = false;
  strictEqual(await memory('a'), 'now');
  deepStrictEqual(asked, ['a', 'a']);
});

test('the oldest answer goes when there are too many', async () => {
  const { asked, ask } = counting(async (question) => question);
  const memory = remember(ask, { rememberMs: 100, entriesMax: 2, now: () => 0 });
  for (const question of ['a', 'b', 'c', 'b', 'c', 'a']) await memory(question);
  deepStrictEqual(asked, ['a', 'b', 'c', 'a']);
});
