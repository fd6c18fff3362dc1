import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { stripElf } from '../../build/strip-elf.ts';
import { temporaryDirectory } from '../support/home.ts';

const skip = process.platform === 'linux' ? false : 'ELF programs run on Linux only';

function readProgram(name: string): Buffer {
  return readFileSync(realpathSync(execFileSync('which', [name], { encoding: 'utf8' }).trim()));
}

/** Names of the sections, by the table that the file's header points to. */
function sectionNames(file: Buffer): readonly string[] {
  const table = Number(file.readBigUInt64LE(40));
  const header = (index: number) => table + index * 64;
  const strings = Number(file.readBigUInt64LE(header(file.readUInt16LE(62)) + 24));
  return Array.from({ length: file.readUInt16LE(60) }, (_, index) => {
    const start = strings + file.readUInt32LE(header(index));
    return file.toString('latin1', start, file.indexOf(0, start));
  });
}

test('a stripped program does what it did', { skip }, () => {
  const path = `${temporaryDirectory()}/echo`;
  writeFileSync(path, stripElf(readProgram('echo')), { mode: 0o755 });
  deepStrictEqual(spawnSync(path, ['a', 'b'], { encoding: 'utf8' }).stdout, 'a b\n');
});

test('sections that are not loaded are gone, the others keep their names and order', { skip }, () => {
  const whole = readProgram('echo');
  const stripped = stripElf(whole);
  const names = sectionNames(stripped);
  deepStrictEqual(names.slice(0, 2), ['', '.interp']);
  strictEqual(names.at(-1), '.shstrtab');
  ok(names.includes('.dynamic') && !names.includes('.symtab') && !names.includes('.gnu_debuglink'));
  const kept = sectionNames(whole).filter((name) => names.includes(name));
  deepStrictEqual(names, kept);
  ok(stripped.length <= whole.length);
});

test('stripping twice changes nothing more', { skip }, () => {
  const once = stripElf(readProgram('echo'));
  deepStrictEqual(stripElf(once), once);
});

test('what is no program of this kind is refused', () => {
  throws(() => stripElf(Buffer.from('#!/bin/sh\n')), /not an ELF file/);
  throws(() => stripElf(Buffer.alloc(0)), /not an ELF file/);
  const small = Buffer.alloc(64);
  small.write('\x7fELF\x01\x01', 'latin1');
  throws(() => stripElf(small), /64-bit/);
});

test('a damaged program ends in an error, never in a wrong file that is said to be good', { skip }, () => {
  const whole = readProgram('echo');
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (length) => {
      throws(() => stripElf(whole.subarray(0, length)), Error);
    }),
    { numRuns: 50 },
  );
});
