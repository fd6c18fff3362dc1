import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openClaims, reclaim } from '../../src/satellite/claims.ts';
import { lookThrough } from '../../src/satellite/look.ts';
import { testSpool } from '../support/spool.ts';

const place = '192.0.2.1:628';

function queueOf(spool: ReturnType<typeof testSpool>): string {
  return `${spool.settings.directory}/queue`;
}

function claimedBy(spool: ReturnType<typeof testSpool>) {
  return [...lookThrough(spool.system, queueOf(spool)).claimed];
}

test('of two flushes that want a message, one gets it', async () => {
  const spool = testSpool([]);
  spool.keep('1');
  spool.keep('2');
  const names = spool.names();
  const one = openClaims(spool.system, queueOf(spool));
  const other = openClaims(spool.system, queueOf(spool));
  strictEqual((await one.claim(names.slice(0, 1), [])).length, 1);
  strictEqual((await other.claim(names, [])).length, 1);
  strictEqual((await one.claim(names, [])).length, 0);
  one.close();
  other.close();
});

test('its name says where it may be, before and after', async () => {
  const spool = testSpool([]);
  spool.keep('1');
  const claims = openClaims(spool.system, queueOf(spool));
  const [claim] = (await claims.claim(spool.names(), [place])).map(claims.open);
  ok(claim !== undefined);
  deepStrictEqual(spool.entries()[0]?.unknownAt, [place]);
  strictEqual(claim.path(), `${queueOf(spool)}/${spool.names()[0]}`);
  claim.mark([place, '192.0.2.2:628']);
  deepStrictEqual(claim.marked(), [place, '192.0.2.2:628']);
  deepStrictEqual(spool.entries()[0]?.unknownAt, [place, '192.0.2.2:628']);
  strictEqual(claim.path(), `${queueOf(spool)}/${spool.names()[0]}`);
  claim.release(3, [place]);
  const [entry] = spool.entries();
  deepStrictEqual([entry?.tries, entry?.unknownAt, entry?.claim], [3, [place], undefined]);
  const [again] = (await claims.claim(spool.names().slice(0, 1), ['192.0.2.9:628'])).map(claims.open);
  deepStrictEqual(again?.marked(), [place]);
  await again?.remove();
  await again?.remove();
  claims.close();
  deepStrictEqual(spool.names(), []);
});

test('lock folders left behind by a crash: what a process that is alive has claimed stays with it; what a dead one has is given back, with its place', async () => {
  const spool = testSpool([]);
  for (const text of ['1', '2', '3']) spool.keep(text);
  const program = fileURLToPath(new URL('../support/hold-claim.ts', import.meta.url));
  const child = spawn(process.execPath, [program, queueOf(spool), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const [[flush, names] = ['', []]] = claimedBy(spool);
  strictEqual(names.length, 3);
  deepStrictEqual(reclaim(spool.system, queueOf(spool), flush, names), []);
  child.kill('SIGKILL');
  await once(child, 'exit');
  strictEqual(reclaim(spool.system, queueOf(spool), flush, names).length, 3);
  ok(spool.entries().every(({ claim, unknownAt }) => claim === undefined && unknownAt[0] === place));
  deepStrictEqual([spool.names().length, claimedBy(spool)], [3, []]);
});

test('a lock without claims is removed, and a claim without its lock is given back', async () => {
  const spool = testSpool([]);
  spool.keep('1');
  const claims = openClaims(spool.system, queueOf(spool));
  await claims.claim(spool.names(), []);
  const [[flush, names] = ['', []]] = claimedBy(spool);
  unlinkSync(`${queueOf(spool)}/lock.${flush}`);
  strictEqual(reclaim(spool.system, queueOf(spool), flush, names).length, 1);
  strictEqual(reclaim(spool.system, queueOf(spool), 'f'.repeat(16), []).length, 0);
  match(spool.names().join(), /^\d{15}\.[0-9a-f]{16}\.20\.0$/);
});
