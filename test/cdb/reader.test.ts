import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cdb, openCdb, readCdb, writeCdb } from '../../src/cdb/index.ts';
import { textOf } from '../../src/system/index.ts';
import { byteStrings, tinyCdb } from '../support/cdb.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';

type Pair = readonly [key: string, data: string];

const keys = fc.oneof(byteStrings, fc.constantFrom('', 'a', 'b'));
const pairLists = fc.array(fc.tuple(keys, byteStrings), { maxLength: 100 });

function contents(cdb: Pick<Cdb, 'records'>): readonly Pair[] {
  return [...cdb.records()].map(({ key, data }): Pair => [textOf(key), textOf(data)]);
}

/** Everything that a database answers, compared with the pairs that were put in. */
function verify(path: string, pairs: readonly Pair[]): void {
  const cdb = openCdb(path);
  deepStrictEqual(contents(cdb), pairs);
  for (const [key] of pairs) {
    const expected = pairs.filter(([other]) => other === key).map(([, data]) => data);
    deepStrictEqual(
      [...cdb.all(key)].map((data) => textOf(data)),
      expected,
    );
    const first = cdb.get(Buffer.from(key, 'latin1'));
    strictEqual(first === undefined ? undefined : textOf(first), expected[0]);
  }
  strictEqual(cdb.get('a key of none'), undefined);
  cdb.close();
}

test('whatever is written is read', () => {
  const directory = temporaryDirectory();
  const path = `${directory}/cdb`;
  fc.assert(
    fc.property(pairLists, (pairs) => {
      writeCdb({ path, temporary: `${path}.tmp` }, pairs);
      verify(path, pairs);
    }),
    { numRuns: 40 },
  );
});

test('whatever tinycdb writes is read', needs('cdb'), () => {
  fc.assert(
    fc.property(pairLists, (pairs) => verify(tinyCdb(pairs), pairs)),
    { numRuns: 15 },
  );
});

test('a thousand records under one key, and large data', () => {
  const path = `${temporaryDirectory()}/cdb`;
  const numbers = Array.from({ length: 1000 }, (_, n) => `${n}`);
  const large = 'x'.repeat(200_000);
  writeCdb({ path, temporary: `${path}.tmp` }, [
    ...numbers.map((data): Pair => ['same', data]),
    ['large', large],
  ]);
  const cdb = openCdb(path);
  deepStrictEqual(
    [...cdb.all('same')].map((data) => textOf(data)),
    numbers,
  );
  deepStrictEqual(textOf(cdb.get('large') ?? new Uint8Array()), large);
  strictEqual([...cdb.records()].length, 1001);
  cdb.close();
});

test('an open database stays what it is when another takes its name', () => {
  const path = `${temporaryDirectory()}/cdb`;
  writeCdb({ path, temporary: `${path}.tmp` }, [['a', 'old']]);
  const cdb = openCdb(path);
  writeCdb({ path, temporary: `${path}.tmp` }, [['a', 'new']]);
  deepStrictEqual(contents(cdb), [['a', 'old']]);
  cdb.close();
  verify(path, [['a', 'new']]);
});

test('what is missing or no file', () => {
  const directory = temporaryDirectory();
  throws(() => openCdb(`${directory}/none`), { code: 'ENOENT' });
  throws(() => openCdb(directory), { code: 'EPROTO' });
  execFileSync('mkfifo', [`${directory}/fifo`]);
  throws(() => openCdb(`${directory}/fifo`), { code: 'EPROTO', message: /fifo/ });
});

test('positions beyond 2 GB', () => {
  const path = `${temporaryDirectory()}/cdb`;
  const [record, table] = [3_000_000_000, 4_000_000_000];
  const header = Buffer.alloc(2048);
  header.writeUInt32LE(table, 8 * (cdbTable('a') % 256));
  header.writeUInt32LE(1, 8 * (cdbTable('a') % 256) + 4);
  const numbers = (one: number, other: number) => Buffer.from(Uint32Array.of(one, other).buffer);
  const descriptor = openSync(path, 'w+');
  writeSync(descriptor, header, 0, 2048, 0);
  writeSync(descriptor, Buffer.concat([numbers(1, 3), Buffer.from('afar')]), 0, 12, record);
  writeSync(descriptor, numbers(cdbTable('a'), record), 0, 8, table);
  deepStrictEqual(readCdb(descriptor, path).get('a'), Uint8Array.from(Buffer.from('far')));
  closeSync(descriptor);
});

test('a file without a whole header is no database', () => {
  const path = `${temporaryDirectory()}/cdb`;
  for (const sizeBytes of [0, 100, 2047]) {
    writeFileSync(path, Buffer.alloc(sizeBytes));
    throws(() => openCdb(path), { code: 'EPROTO', message: new RegExp(path) });
  }
});

test('a record larger than the limit is not allocated', () => {
  const path = `${temporaryDirectory()}/cdb`;
  writeCdb({ path, temporary: `${path}.tmp` }, [['a', 'x'.repeat(101)]]);
  const descriptor = openSync(path, 'r');
  throws(() => readCdb(descriptor, path, { recordBytesMax: 100 }).get('a'), {
    message: /more than 100 bytes/,
  });
  strictEqual(readCdb(descriptor, path, { recordBytesMax: 101 }).get('a')?.length, 101);
  closeSync(descriptor);
});

test('a table without an empty slot ends the search after one turn', () => {
  const path = `${temporaryDirectory()}/cdb`;
  writeCdb(
    { path, temporary: `${path}.tmp` },
    Array.from({ length: 50 }, (): Pair => ['a', 'b']),
  );
  const bytes = readFileSync(path);
  const table = bytes.readUInt32LE(8 * (cdbTable('a') % 256));
  for (let slot = 0; slot < 100; slot += 1) {
    bytes.writeUInt32LE(cdbTable('a'), table + 8 * slot);
    bytes.writeUInt32LE(2048, table + 8 * slot + 4);
  }
  writeFileSync(path, bytes);
  const cdb = openCdb(path);
  strictEqual([...cdb.all('a')].length, 100);
  cdb.close();
});

/** The hash, computed the long way. */
function cdbTable(key: string): number {
  let hash = 5381n;
  for (const byte of Buffer.from(key, 'latin1')) hash = ((hash * 33n) & 0xffffffffn) ^ BigInt(byte);
  return Number(hash);
}

test('a damaged file is answered or refused, and never believed', () => {
  const path = `${temporaryDirectory()}/cdb`;
  const pairs = Array.from({ length: 30 }, (_, n): Pair => [`key ${n % 20}`, `data ${n}`]);
  writeCdb({ path, temporary: `${path}.tmp` }, pairs);
  const whole = readFileSync(path);
  const offsets = fc.nat({ max: whole.length - 4 });
  const numbers = fc.oneof(fc.nat({ max: 0xff }), fc.integer({ min: 0, max: 0xffffffff }));
  const changes = fc.array(fc.tuple(offsets, numbers), { minLength: 1, maxLength: 20 });
  let refused = 0;
  fc.assert(
    fc.property(changes, fc.nat({ max: whole.length }), fc.boolean(), (list, length, cut) => {
      const bytes = Buffer.from(whole);
      for (const [offset, number] of list) bytes.writeUInt32LE(number >>> 0, offset);
      writeFileSync(path, cut ? bytes.subarray(0, length) : bytes);
      const attempt = (read: () => void) => {
        try {
          read();
        } catch (error) {
          strictEqual((error as { code?: string }).code, 'EPROTO', String(error));
          refused += 1;
        }
      };
      attempt(() => {
        const cdb = openCdb(path);
        attempt(() => [...cdb.records()]);
        for (const [key] of pairs) attempt(() => [...cdb.all(key)]);
        cdb.close();
      });
    }),
    { numRuns: 300 },
  );
  strictEqual(refused > 0, true);
});
