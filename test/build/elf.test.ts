import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkElf, findVariable, readSections, segmentsEnd } from '../../build/elf.ts';

/** A table of one entry per row, in a file that holds nothing else than what findVariable looks at. */
function programWithVariable(name: string, address: number, value: number): Buffer {
  const file = Buffer.alloc(1024);
  file.write('\x7fELF\x02\x01', 'latin1');
  const sections = 64;
  const section = (index: number, type: number, at: number, offset: number, size: number, link = 0) => {
    const start = sections + index * 64;
    file.writeUInt32LE(type, start + 4);
    file.writeBigUInt64LE(BigInt(at), start + 16);
    file.writeBigUInt64LE(BigInt(offset), start + 24);
    file.writeBigUInt64LE(BigInt(size), start + 32);
    file.writeUInt32LE(link, start + 40);
  };
  section(1, 1, 0x4000, 512, 64);
  section(2, 2, 0, 600, 48, 3);
  section(3, 3, 0, 700, 100);
  file.writeBigUInt64LE(BigInt(sections), 40);
  file.writeUInt16LE(4, 60);
  file.writeUInt16LE(3, 62);
  file.write(`\0other\0${name}\0`, 700, 'latin1');
  file.writeUInt32LE(7, 624);
  file.writeUInt16LE(1, 630);
  file.writeBigUInt64LE(BigInt(address), 632);
  file.writeInt32LE(value, 512 + address - 0x4000);
  return file;
}

test('a variable is found by its name, where its value stands in the file', () => {
  const file = programWithVariable('mode', 0x4010, 7);
  strictEqual(findVariable(file, 'mode'), 512 + 16);
  strictEqual(file.readInt32LE(findVariable(file, 'mode')), 7);
  strictEqual(findVariable(file, 'mod'), undefined);
  strictEqual(findVariable(file, 'ode'), undefined);
});

test("Node's own executable has sections in segments, and symbols behind them", () => {
  const file = readFileSync(process.execPath);
  const sections = readSections(file);
  const names = sections.map((section) => section.name);
  ok(names.includes('.text') && names.includes('.symtab'));
  const end = segmentsEnd(file);
  deepStrictEqual(
    sections.filter(
      (section) => section.isLoaded && section.type !== 8 && section.offset + section.sizeBytes > end,
    ),
    [],
  );
  ok((sections.find((section) => section.name === '.symtab')?.offset ?? 0) >= end);
});

test('what is no program of this kind is refused', () => {
  throws(() => checkElf(Buffer.from('MZ')), /not an ELF file/);
  throws(() => readSections(Buffer.alloc(64)), /not an ELF file/);
});
