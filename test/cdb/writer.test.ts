import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CdbBytes, createCdb, openCdb, writeCdb } from '../../src/cdb/index.ts';
import { textOf } from '../../src/system/index.ts';
import { byteStrings, cdbLines, tinyCdb } from '../support/cdb.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';

type Pair = readonly [key: CdbBytes, data: CdbBytes];

function written(records: Iterable<Pair>): Buffer {
  const directory = temporaryDirectory();
  writeCdb({ path: `${directory}/cdb`, temporary: `${directory}/cdb.tmp` }, records);
  deepStrictEqual(readdirSync(directory), ['cdb']);
  return readFileSync(`${directory}/cdb`);
}

test('a database without records is a header', () => {
  const bytes = written([]);
  strictEqual(bytes.length, 2048);
  for (let offset = 0; offset < bytes.length; offset += 8) {
    deepStrictEqual([bytes.readUInt32LE(offset), bytes.readUInt32LE(offset + 4)], [2048, 0]);
  }
});

test('what tinycdb reads is what was written', needs('cdb'), () => {
  const records = fc.array(fc.tuple(byteStrings, byteStrings), { maxLength: 50 });
  fc.assert(
    fc.property(records, (pairs) => {
      const printed = execFileSync(findProgram('cdb') ?? '', ['-d', '-'], {
        input: written(pairs),
        encoding: 'latin1',
      });
      strictEqual(printed, cdbLines(pairs).toString('latin1'));
    }),
    { numRuns: 20 },
  );
});

test('many records, byte for byte what tinycdb writes', needs('cdb'), () => {
  const pairs = Array.from({ length: 5000 }, (_, n) => [`key ${n % 4000}`, `${n}`.repeat(n % 50)] as const);
  strictEqual(written(pairs).equals(readFileSync(tinyCdb(pairs))), true);
});

test('what stood at the temporary name is replaced, not followed', () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/precious`, 'precious');
  symlinkSync('precious', `${directory}/tmp`);
  writeCdb({ path: `${directory}/cdb`, temporary: `${directory}/tmp`, mode: 0o640 }, [['a', 'b']]);
  strictEqual(readFileSync(`${directory}/precious`, 'utf8'), 'precious');
  strictEqual(statSync(`${directory}/cdb`).mode & 0o777, 0o640);
});

test('a record that cannot be had leaves the old database, and nothing else', () => {
  const directory = temporaryDirectory();
  const writing = { path: `${directory}/cdb`, temporary: `${directory}/cdb.tmp` };
  writeCdb(writing, [['a', 'old']]);
  function* failing(): Generator<Pair> {
    yield ['a', 'new'];
    throw new Error('no more');
  }
  throws(() => writeCdb(writing, failing()), /no more/);
  deepStrictEqual(readdirSync(directory), ['cdb']);
  const cdb = openCdb(writing.path);
  strictEqual(textOf(cdb.get('a') ?? new Uint8Array()), 'old');
  cdb.close();
});

test('of two that write with one temporary name, one gives up', () => {
  const directory = temporaryDirectory();
  const writing = { path: `${directory}/cdb`, temporary: `${directory}/cdb.tmp` };
  const [first, second] = [createCdb(writing), createCdb(writing)];
  throws(() => first.finish(), { code: 'EBUSY' });
  first.abandon();
  strictEqual(existsSync(writing.temporary), true);
  second.add('a', 'b');
  second.finish();
  deepStrictEqual(readdirSync(directory), ['cdb']);
});

test('a full disk leaves the old database, and nothing else', { skip: tmpfsMissing }, () => {
  const directory = mountTmpfs(65_536);
  const writing = { path: `${directory}/cdb`, temporary: `${directory}/cdb.tmp` };
  writeCdb(writing, [['a', 'old']]);
  const before = readFileSync(writing.path);
  // Too much for the records, and for the tables behind them.
  const large: readonly Pair[] = [['a', 'x'.repeat(100_000)]];
  const many = Array.from({ length: 2500 }, (_, n): Pair => [`${n}`, '']);
  for (const pairs of [large, many]) throws(() => writeCdb(writing, pairs), { code: 'ENOSPC' });
  deepStrictEqual(readdirSync(directory), ['cdb']);
  deepStrictEqual(readFileSync(writing.path), before);
});

test('4 GB is the limit', () => {
  const directory = temporaryDirectory();
  const writer = createCdb({ path: `${directory}/cdb`, temporary: `${directory}/tmp` });
  // Only its length is looked at: nothing of it is written.
  const huge = Object.defineProperty(new Uint8Array(), 'length', { value: 0xffffffff - 2048 - 24 + 1 });
  throws(() => writer.add('', huge), { code: 'EFBIG' });
  writer.abandon();
  deepStrictEqual(readdirSync(directory), []);
});
