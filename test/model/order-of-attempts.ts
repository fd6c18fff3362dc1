/**
 * In which order attempts begin, and that none waits for nothing: what is seen from outside while the sender decides.
 */
import assert from 'node:assert/strict';
import type { QueuedRecipient } from '../../src/queue/index.ts';
import { aheadMax, togetherMax } from '../../src/send/fresh-line.ts';
import { concurrency, type Delivery } from './simulated-hub.ts';

function isLocal({ address }: QueuedRecipient): boolean {
  return address.endsWith('@local');
}

function isDue({ state, dueMs }: QueuedRecipient, nowMs: number): boolean {
  return state === 'fresh' || (state === 'waiting' && dueMs <= nowMs);
}

export interface OrderCheck {
  /**
   * A delivery begins. A first attempt has the lowest rank of those that are in the store, or comes along with such a
   * one for the same address; another attempt waits for the longest time.
   * `others`: local recipients, each the only one of its user, of whom nothing is on its way to the store. A remote one
   * may have been passed over because its destination had enough.
   */
  begins(tried: QueuedRecipient, others: readonly QueuedRecipient[], nowMs: number): void;
  /** What begins from now on comes along with nobody who began before. */
  part(): void;
}

export function createOrderCheck(): OrderCheck {
  /** The last whose turn it was, and how many may still come along. */
  let leader: QueuedRecipient | undefined;
  let companionsLeft = 0;

  function checkRank(tried: QueuedRecipient, fresh: readonly QueuedRecipient[]): void {
    const overtaken = fresh.find(({ rank }) => rank < tried.rank);
    if (overtaken === undefined) {
      // Whether it is the first of others, or comes along when it was next anyway, is not seen from outside.
      leader = tried;
      companionsLeft = togetherMax - 1;
    } else {
      const what = `${tried.address} is tried, and ${overtaken.address} comes before it`;
      assert.ok(tried.address === leader?.address && companionsLeft > 0, what);
      assert.ok(tried.rank <= leader.rank + aheadMax, what);
      companionsLeft -= 1;
    }
  }

  return {
    begins(tried, others, nowMs) {
      if (!isLocal(tried)) return;
      assert.ok(isDue(tried, nowMs), `${tried.address} is tried before its time`);
      const alike = others.filter(
        (other) => isLocal(other) && other.state === tried.state && isDue(other, nowMs),
      );
      if (tried.state === 'fresh') return checkRank(tried, alike);
      for (const other of alike)
        assert.ok(
          tried.dueMs <= other.dueMs,
          `${tried.address} is tried, and ${other.address} comes before it`,
        );
    },
    part() {
      leader = undefined;
    },
  };
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
