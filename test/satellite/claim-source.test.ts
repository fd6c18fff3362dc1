import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createSource } from '../../src/satellite/claim-source.ts';
import { type Claims, openClaims } from '../../src/satellite/claims.ts';
import { formatEntryName } from '../../src/satellite/entry-name.ts';
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
    isTaking: false,
    isFull: false,
    isHalted: false,
    isExpired: () => false,
    likelyPlaces: () => ['192.0.2.1:628'],
  };
  const options = { parallel: 2, limit: Number.POSITIVE_INFINITY, ...own };
  const made = createSource({ ...spool.system, isSmall }, queue, claims, sender, options, []);
  const next = async () => {
    const claim = await made.next();
    if (claim !== undefined) sender.tried += 1;
    return claim;
  };
  const claimed = () => spool.entries().filter(({ claim }) => claim !== undefined).length;
  return { spool, sender, claims, claimed, next, release: () => made.release() };
}

test('all of it, the oldest first', async () => {
  const { next, sender } = source(5);
  const order: number[] = [];
  for (let claim = await next(); claim !== undefined; claim = await next()) {
    order.push(claim.entry.arrivedMs - 1_000_000);
    deepStrictEqual(claim.marked(), ['192.0.2.1:628']);
    await claim.remove();
    sender.isTaking = true;
  }
  deepStrictEqual(order, [0, 1, 2, 3, 4]);
});

test('as many as go out at once are claimed while nobody has taken one, and many after that', async () => {
  const { next, sender, claimed } = source(20);
  await next();
  strictEqual(claimed(), 2);
  await next();
  sender.isTaking = true;
  await next();
  strictEqual(claimed(), 20);
});

test('a small body claims no more than a few', async () => {
  const { next, sender, claimed } = source(140, { isSmall: true });
  sender.isTaking = true;
  await next();
  strictEqual(claimed(), 128);
});

test('the limit is kept to, and what was claimed and is not wanted is given back', async () => {
  const { next, sender, claimed, release } = source(20, { limit: 3 });
  sender.isTaking = true;
  await next();
  strictEqual(claimed(), 3);
  await next();
  await next();
  strictEqual(await next(), undefined);
  const halted = source(20);
  halted.sender.isTaking = true;
  await halted.next();
  halted.sender.isHalted = true;
  strictEqual(await halted.next(), undefined);
  await halted.release();
  strictEqual(halted.claimed(), 1);
  await release();
});

test('what was put off is not handed out again', async () => {
  const { next, sender } = source(3);
  for (let claim = await next(); claim !== undefined; claim = await next()) {
    sender.putOff.add(claim.entry.id);
    claim.release(1, []);
  }
  strictEqual(sender.tried, 3);
});

/** A source of many names over claims that are settled by hand. */
function slowly(messages: number) {
  const { spool, sender } = source(1);
  sender.isTaking = true;
  const asked: number[] = [];
  let settle: (error?: unknown) => void = () => {};
  const claims: Claims = {
    claim: (names) => {
      asked.push(names.length);
      return new Promise((fulfil, reject) => {
        settle = (error) => (error === undefined ? fulfil(names.map(claimedAs)) : reject(error));
      });
    },
    open: ({ name }) => ({
      entry: { ...entry, arrivedMs: Number(name.slice(0, 15)) },
      path: () => '',
      marked: () => [],
      mark() {},
      release() {},
      remove: async () => {},
      moveTo() {},
    }),
    close() {},
  };
  const names = Array.from({ length: messages }, (_, index) =>
    formatEntryName({ ...entry, arrivedMs: 1_000_000 + index }),
  );
  const options = { parallel: 2, limit: Number.POSITIVE_INFINITY };
  const made = createSource(spool.system, '/missing', claims, sender, options, names);
  return { made, asked, settle: (error?: unknown) => settle(error) };
}

const entry = {
  id: '1'.repeat(16),
  sizeBytes: 10,
  tries: 0,
  unknownAt: [],
  unknownSinceMs: 0,
  claim: undefined,
};

const claimedAs = (name: string) => ({ name, path: name, places: [], sinceMs: 0 });

test('while one batch is handed out the next one is claimed, once', async () => {
  const { made, asked, settle } = slowly(1200);
  const first = made.next();
  settle();
  ok((await first) !== undefined);
  for (let count = 0; count < 255; count += 1) await made.next();
  deepStrictEqual(asked, [512]);
  await made.next();
  await made.next();
  deepStrictEqual(asked, [512, 512]);
  const released = made.release();
  settle();
  await released;
});

test('claims that fail end it', async () => {
  const { made, settle } = slowly(600);
  const first = made.next();
  settle(new Error('the disk'));
  await rejects(first, /the disk/);
  await rejects(made.next(), /the disk/);
  await made.release();
});
