import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createSource } from '../../src/satellite/claim-source.ts';
import { openClaims } from '../../src/satellite/claims.ts';
import { testSpool } from '../support/spool.ts';

function source(
  messages: number,
  { isSmall = false, ...own }: { limit?: number; parallel?: number; isSmall?: boolean } = {},
) {
  const spool = testSpool([]);
  for (let number = 0; number < messages; number += 1) {
    spool.keep(String(number), { nowMs: 1_000_000 + number });
  }
  const queue = `${spool.settings.directory}/queue`;
  const claims = openClaims(spool.system, queue);
  const sender = {
    putOff: new Set<string>(),
    tried: 0,
    sent: 0,
    counts: () => ({ sent: sender.sent, bounced: 0, failed: 0, putOff: 0 }),
    isFull: false,
    isHalted: false,
    isExpired: () => false,
    likelyPlaces: () => ['192.0.2.1:628'],
  };
  const options = { parallel: 2, limit: Number.POSITIVE_INFINITY, ...own };
  const made = createSource({ ...spool.system, isSmall }, queue, claims, sender, options, []);
  const next = () => {
    const claim = made.next();
    if (claim !== undefined) sender.tried += 1;
    return claim;
  };
  const claimed = () => spool.entries().filter(({ claim }) => claim !== undefined).length;
  return { spool, sender, claims, claimed, next, release: () => made.release() };
}

test('all of it, the oldest first', async () => {
  const { next, sender } = source(5);
  const order: number[] = [];
  for (let claim = next(); claim !== undefined; claim = next()) {
    order.push(claim.entry.arrivedMs - 1_000_000);
    deepStrictEqual(claim.marked(), ['192.0.2.1:628']);
    await claim.remove();
    sender.sent += 1;
  }
  deepStrictEqual(order, [0, 1, 2, 3, 4]);
});

test('as many as go out at once are claimed while nobody has taken one, and many after that', () => {
  const { next, sender, claimed } = source(20);
  next();
  strictEqual(claimed(), 2);
  next();
  sender.sent = 1;
  next();
  strictEqual(claimed(), 20);
});

test('a small body claims no more than a few', () => {
  const { next, sender, claimed } = source(40, { isSmall: true });
  sender.sent = 1;
  next();
  strictEqual(claimed(), 32);
});

test('the limit is kept to, and what was claimed and is not wanted is given back', () => {
  const { next, sender, claimed, release } = source(20, { limit: 3 });
  sender.sent = 1;
  next();
  strictEqual(claimed(), 3);
  next();
  next();
  strictEqual(next(), undefined);
  const halted = source(20);
  halted.sender.sent = 1;
  halted.next();
  halted.sender.isHalted = true;
  strictEqual(halted.next(), undefined);
  halted.release();
  strictEqual(halted.claimed(), 1);
  release();
});

test('what was put off is not handed out again', () => {
  const { next, sender } = source(3);
  for (let claim = next(); claim !== undefined; claim = next()) {
    sender.putOff.add(claim.entry.id);
    claim.release(1, []);
  }
  strictEqual(sender.tried, 3);
});
