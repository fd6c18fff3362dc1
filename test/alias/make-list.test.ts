import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeFromInclude, makeFromLines } from '../../src/alias/make-list.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

const real = nodeSystem([]);

test('lines become a list', () => {
  const directory = temporaryDirectory();
  const file = { path: `${directory}/l.bin`, temporary: `${directory}/l.tmp` };
  const { read } = memorySystem({ stdin: 'a@b\n/c\n' }).system.files;
  makeFromLines({ ...real, files: { ...real.files, read } }, file);
  strictEqual(readFileSync(file.path, 'latin1'), '&a@b\0/c\0');
});

test('an :include: file becomes a list beside it, or leaves the old one alone', () => {
  const path = `${temporaryDirectory()}/staff`;
  const completion = { host: 'h.x', domain: 'd.x', plus: 'p.x' };
  writeFileSync(path, 'ann, bob@b\n');
  makeFromInclude(real, path, completion);
  const read = () => readFileSync(`${path}.bin`, 'latin1');
  strictEqual(read(), '&bob@b.d.x\0&ann@h.x\0');
  writeFileSync(path, `${'ann\n'.repeat(50_000)}"|prog"\n`);
  throws(() => makeFromInclude(real, path, completion), /not supported/);
  strictEqual(read(), '&bob@b.d.x\0&ann@h.x\0');
  deepStrictEqual(readdirSync(path.slice(0, -'/staff'.length)).sort(), ['staff', 'staff.bin']);
});
