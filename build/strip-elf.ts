/**
 * Removes from an ELF executable what no running process looks at: symbols for debuggers, their strings, debugging
 * tables. It does what `strip --strip-all` does, for any machine's files and without that machine's binutils.
 *
 * Sections that are loaded lie in segments and stay at their offsets; everything behind the last segment goes, and a
 * shorter section table is written in its place.
 */
import { readSections, sectionHeaderBytes, segmentsEnd } from './elf.ts';

const sectionTypeStrings = 3;

/** The header of the section that holds the names of the sections. */
function namesHeader(nameOffset: number, offset: number, sizeBytes: number): Buffer {
  const header = Buffer.alloc(sectionHeaderBytes);
  header.writeUInt32LE(nameOffset, 0);
  header.writeUInt32LE(sectionTypeStrings, 4);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(sizeBytes), 32);
  header.writeBigUInt64LE(1n, 48);
  return header;
}

/** Returns the stripped program. Throws for a file that is no little-endian 64-bit ELF program. */
export function stripElf(file: Buffer): Buffer {
  const sections = readSections(file);
  const lastLoaded = sections.findLastIndex((section) => section.isLoaded);
  // Sections name each other by number: only a tail can go without renumbering.
  if (sections.slice(1, lastLoaded + 1).some((section) => !section.isLoaded)) {
    throw new Error('ELF: a section that is not loaded stands between loaded ones');
  }
  const kept = sections.slice(0, lastLoaded + 1);
  const end = segmentsEnd(file);
  if (end > file.length) throw new Error('ELF: a segment lies beyond the end of the file');

  const names = Buffer.from(
    `${[...kept.map((section) => section.name), '.shstrtab'].join('\0')}\0`,
    'latin1',
  );
  let nameOffset = 0;
  const headers = kept.map(({ name, header }): Buffer => {
    const copy = Buffer.from(header);
    copy.writeUInt32LE(nameOffset, 0);
    nameOffset += name.length + 1;
    return copy;
  });
  headers.push(namesHeader(nameOffset, end, names.length));

  const padding = Buffer.alloc((8 - ((end + names.length) % 8)) % 8);
  const body = Buffer.from(file.subarray(0, end));
  body.writeBigUInt64LE(BigInt(end + names.length + padding.length), 40);
  body.writeUInt16LE(headers.length, 60);
  body.writeUInt16LE(headers.length - 1, 62);
  return Buffer.concat([body, names, padding, ...headers]);
}
