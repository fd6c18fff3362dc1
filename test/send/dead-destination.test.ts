import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openSending, until } from '../support/sending.ts';
import { submitTo } from '../support/steered-queue.ts';

const minuteMs = 60_000;
const lifetimeMs = 120 * minuteMs;

/** What the schedule may put between the last attempt in time and the one that is late, and a destination's rests. */
const lateMs = 65 * minuteMs + 30 * minuteMs;

test('mail for a dead destination does not outlive its time, and each recipient is tried before it fails', async () => {
  let nowMs = Date.UTC(2026, 10, 29);
  const tried = new Map<string, number>();
  const { store, sender, lines, stop } = await openSending({
    now: () => nowMs,
    controls: { queuelifetime: `${lifetimeMs / 1000}\n`, bouncehost: 'local\n' },
    async deliver({ address }) {
      if (address.endsWith('@local')) return { verdict: 'K', text: '' };
      tried.set(address, (tried.get(address) ?? 0) + 1);
      return { verdict: 'Z', text: 'nobody answers (#4.4.1)\n' };
    },
  });
  const isQuiet = () => store.counts().fresh === 0 && store.due({ order: -1, id: -1 }, nowMs, 1).length === 0;
  sender.start();
  const count = 40;
  let open = 0;
  for (let minute = 0; minute < count + 120 + 100; minute += 1) {
    if (minute < count) {
      await submitTo(store, {
        host: '192.0.2.1',
        sender: 'boss@local',
        text: 'x\n',
        recipients: [`${minute}@dead.test`],
      });
    }
    sender.wake();
    await until(isQuiet);
    await until(() => store.counts().failed === 0 && isQuiet());
    // However many are behind it.
    open = store.counts().messages;
    const oldestMs = nowMs - (store.counts().oldestMs ?? nowMs);
    ok(oldestMs < lifetimeMs + lateMs, `the oldest is ${oldestMs / minuteMs} minutes old`);
    nowMs += minuteMs;
  }
  await stop();
  strictEqual(open, 0);
  strictEqual(tried.size, count);
  const failures = lines().filter((line) => line.includes(': failure: '));
  const text =
    "failure: nobody_answers_(#4.4.1)/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./";
  deepStrictEqual([failures.length, failures.every((line) => line.endsWith(text))], [count, true]);
  strictEqual(lines().filter((line) => line.startsWith('bounce msg ')).length, count);
});
