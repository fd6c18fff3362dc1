import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPackage } from '../../qmqp/index.ts';
import { isWhole, openStored, packageBuffer } from '../../src/satellite/stored-package.ts';
import { bytesOf, concatBytes, type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);
const path = `${temporaryDirectory()}/package`;

function read(pieces: Iterable<Uint8Array>): string {
  const copies: Uint8Array[] = [];
  for (const piece of pieces) copies.push(piece.slice());
  return textOf(concatBytes(copies));
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => textOf(array));
const address = bytes.filter((text) => !text.includes('\0'));

test('what was written is read, whole and in its parts', () => {
  fc.assert(
    fc.property(bytes, address, fc.array(address, { maxLength: 5 }), (text, sender, recipients) => {
      const pack = formatPackage(
        { sizeBytes: text.length, chunks: () => [bytesOf(text)] },
        { sender, recipients },
      );
      const whole = read(pack.pieces());
      writeFileSync(path, whole, 'latin1');
      const stored = openStored(system, path);
      strictEqual(stored.pack.sizeBytes, whole.length);
      strictEqual(read(stored.pack.pieces()), whole);
      strictEqual(read(stored.pack.pieces()), whole);
      strictEqual(stored.message.sizeBytes, text.length);
      strictEqual(read(stored.message.chunks()), text);
      deepStrictEqual(stored.envelope(), { sender, recipients });
      stored.close();
      strictEqual(isWhole(system, path), true);
    }),
    { numRuns: 200 },
  );
});

test('a large one passes through a small buffer', () => {
  const text = 'x'.repeat(1_000_000);
  const pack = formatPackage(
    { sizeBytes: text.length, chunks: () => [bytesOf(text)] },
    { sender: 's@x', recipients: ['r@y'] },
  );
  writeFileSync(path, read(pack.pieces()), 'latin1');
  const stored = openStored(system, path);
  let most = 0;
  for (const piece of stored.pack.pieces()) most = Math.max(most, piece.length);
  strictEqual(most, 65_536);
  deepStrictEqual(stored.envelope(), { sender: 's@x', recipients: ['r@y'] });
  stored.close();
});

test('what is damaged is found', () => {
  const good = '19:4:body,3:s@x,3:r@y,,';
  for (const text of ['', 'x', '19', '19:', '19:x', '19:40:body,', good.slice(0, -1), `${good}x`]) {
    writeFileSync(path, text);
    strictEqual(isWhole(system, path), false, text);
  }
  for (const text of ['', 'From you', ':', '99999999999:']) {
    writeFileSync(path, text);
    throws(() => openStored(system, path), /no QMQP package/, text);
  }
  writeFileSync(path, '19:90:');
  throws(() => openStored(system, path), /longer than the package/);
  writeFileSync(path, good.slice(0, 12));
  const stored = openStored(system, path);
  throws(() => read(stored.pack.pieces()), /shorter than its first bytes say/);
  throws(() => stored.envelope(), /shorter/);
  stored.close();
  writeFileSync(path, '19:4:body,3:s@x,3:r@y;,');
  const malformed = openStored(system, path);
  throws(() => malformed.envelope(), /malformed/);
  malformed.close();
  strictEqual(isWhole(system, `${path}-missing`), false);
});

test('what cannot be read is not called damaged', () => {
  const failing: System = {
    ...system,
    files: {
      ...system.files,
      open() {
        throw new SystemError('EMFILE', 'too many open files');
      },
    },
  };
  throws(() => isWhole(failing, path), { code: 'EMFILE' });
});

test('a small body reads a package in smaller pieces', () => {
  const text = 'x'.repeat(20_000);
  const pack = formatPackage(
    { sizeBytes: text.length, chunks: () => [bytesOf(text)] },
    { sender: 's@x', recipients: ['r@y'] },
  );
  const whole = read(pack.pieces());
  writeFileSync(path, whole, 'latin1');
  const small = { ...system, isSmall: true };
  strictEqual(packageBuffer(small).length < packageBuffer(system).length, true);
  const stored = openStored(small, path);
  strictEqual(read(stored.pack.pieces()), whole);
  stored.close();
});
