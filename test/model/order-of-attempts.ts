/**
 * In which order attempts begin, and that none waits for nothing: what is seen from outside while the sender decides.
 */
import assert from 'node:assert/strict';
import type { QueuedRecipient } from '../../src/queue/index.ts';
import { concurrency, type Delivery } from './simulated-hub.ts';

function isLocal({ address }: QueuedRecipient): boolean {
  return address.endsWith('@local');
}

function isDue({ state, dueMs }: QueuedRecipient, nowMs: number): boolean {
  return state === 'fresh' || (state === 'waiting' && dueMs <= nowMs);
}

/**
 * A first attempt has the lowest rank of those that are in the store, and another one waits for the longest time.
 * `others`: local recipients, each the only one of its user, of whom nothing is on its way to the store. A remote one
 * may have been passed over because its destination had enough.
 */
export function checkOrder(tried: QueuedRecipient, others: readonly QueuedRecipient[], nowMs: number): void {
  if (!isLocal(tried)) return;
  assert.ok(isDue(tried, nowMs), `${tried.address} is tried before its time`);
  for (const other of others) {
    if (!isLocal(other) || other.state !== tried.state || !isDue(other, nowMs)) continue;
    const what = `${tried.address} is tried, and ${other.address} comes before it`;
    if (tried.state === 'fresh') assert.ok(tried.rank <= other.rank, what);
    else assert.ok(tried.dueMs <= other.dueMs, what);
  }
}

/** When everything is quiet nobody is due in a channel in which another delivery may begin. */
export function checkNobodyWaits(
  recipients: readonly QueuedRecipient[],
  deliveries: readonly Delivery[],
  nowMs: number,
): void {
  const tried = new Set(deliveries.map(({ job }) => job.recipient.id));
  for (const channel of ['local', 'remote'] as const) {
    const isOf = (recipient: QueuedRecipient) => isLocal(recipient) === (channel === 'local');
    const running = deliveries.filter(({ job }) => isOf(job.recipient)).length;
    assert.ok(running <= concurrency[channel], `${running} ${channel} deliveries run`);
    if (running === concurrency[channel]) continue;
    const waiting = recipients.filter((one) => isOf(one) && isDue(one, nowMs) && !tried.has(one.id));
    assert.deepEqual(
      waiting.map(({ address }) => address),
      [],
      'these are due and nobody tries them',
    );
  }
}
