import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { queueIntake } from '../../src/serve/index.ts';
import type { Queue, Spill } from '../../src/submit/index.ts';
import { bytesOf, concatBytes, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const envelope = { sender: 's@x', recipients: ['r@y'] };
const origin = { caller: 'network', host: '192.0.2.7' } as const;

function textIn(spill: Spill): string {
  return textOf(concatBytes(Array.from(spill.chunks(), (chunk) => chunk.slice())));
}

test('the queue gets the message whole', async () => {
  const seen: unknown[] = [];
  const queue: Queue = async (_system, message, found) => {
    seen.push(textIn(message), found);
    return { exitCode: 0, answer: { verdict: 'K', text: 'taken' } };
  };
  const intake = queueIntake({
    system: nodeSystem([]),
    queueFor(from) {
      seen.push(from);
      return queue;
    },
    nextId: () => 42,
  });
  const message = intake.begin(origin);
  strictEqual(message.id, 42);
  const large = 'x'.repeat(100_000);
  message.write(bytesOf(large));
  message.write(bytesOf('end'));
  deepStrictEqual(await message.commit(envelope), { verdict: 'K', text: 'taken' });
  deepStrictEqual(seen[0], origin);
  ok(seen[1] === `${large}end`);
  deepStrictEqual(seen[2], envelope);
});

test('a message that is aborted never reaches it', () => {
  const intake = queueIntake({
    system: nodeSystem([]),
    queueFor: () => () => Promise.reject(new Error('not expected')),
    nextId: () => 1,
  });
  const message = intake.begin(origin);
  message.write(new Uint8Array(100_000));
  message.abort();
});
