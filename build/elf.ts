/**
 * The parts of an ELF executable that the build looks at, for little-endian 64-bit machines (System V ABI, "Object
 * Files"): the loader reads program headers and segments; sections serve linkers and debuggers.
 */

export const elfHeaderBytes = 64;
const programHeaderBytes = 56;
export const sectionHeaderBytes = 64;
const symbolBytes = 24;

/** A table of more headers than this is damage, not a program. */
const headersMax = 4096;

const sectionTypeSymbols = 2;
const flagAlloc = 0x2n;

export interface Section {
  readonly name: string;
  /** The header as it stands in the file. */
  readonly header: Buffer;
  readonly type: number;
  /** Whether it is part of the running program. */
  readonly isLoaded: boolean;
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** The number of a section that belongs to this one. */
  readonly link: number;
}

function readTable(file: Buffer, offset: number, count: number, sizeBytes: number): readonly Buffer[] {
  if (count > headersMax) throw new Error(`ELF: ${count} headers in one table`);
  if (offset + count * sizeBytes > file.length)
    throw new Error('ELF: a table lies beyond the end of the file');
  return Array.from({ length: count }, (_, index) =>
    file.subarray(offset + index * sizeBytes, offset + (index + 1) * sizeBytes),
  );
}

function textAt(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, file.indexOf(0, offset));
}

/** Throws for a file that is no little-endian 64-bit ELF program. */
export function checkElf(file: Buffer): void {
  if (file.length < elfHeaderBytes || file.readUInt32BE(0) !== 0x7f454c46) throw new Error('not an ELF file');
  if (file[4] !== 2 || file[5] !== 1) throw new Error('ELF: only 64-bit little-endian files are known here');
}

export function readSections(file: Buffer): readonly Section[] {
  checkElf(file);
  const headers = readTable(
    file,
    Number(file.readBigUInt64LE(40)),
    file.readUInt16LE(60),
    sectionHeaderBytes,
  );
  const names = headers[file.readUInt16LE(62)];
  if (names === undefined) throw new Error('ELF: there is no table of section names');
  const namesOffset = Number(names.readBigUInt64LE(24));
  return headers.map((header) => ({
    name: textAt(file, namesOffset + header.readUInt32LE(0)),
    header,
    type: header.readUInt32LE(4),
    isLoaded: (header.readBigUInt64LE(8) & flagAlloc) !== 0n,
    address: Number(header.readBigUInt64LE(16)),
    offset: Number(header.readBigUInt64LE(24)),
    sizeBytes: Number(header.readBigUInt64LE(32)),
    link: header.readUInt32LE(40),
  }));
}

/** Where the last segment ends in the file. */
export function segmentsEnd(file: Buffer): number {
  const headers = readTable(
    file,
    Number(file.readBigUInt64LE(32)),
    file.readUInt16LE(56),
    programHeaderBytes,
  );
  const ends = headers.map((header) => Number(header.readBigUInt64LE(8) + header.readBigUInt64LE(32)));
  return Math.max(elfHeaderBytes, ...ends);
}

/** Where in the file the value of a variable stands; undefined when there is none of that name. */
export function findVariable(file: Buffer, name: string): number | undefined {
  const sections = readSections(file);
  const table = sections.find((section) => section.type === sectionTypeSymbols);
  const strings = sections[table?.link ?? 0];
  if (table === undefined || strings === undefined) return undefined;
  const nameBytes = Buffer.from(`\0${name}\0`, 'latin1');
  const nameOffset = file.subarray(strings.offset, strings.offset + strings.sizeBytes).indexOf(nameBytes) + 1;
  if (nameOffset === 0) return undefined;
  for (let at = table.offset; at < table.offset + table.sizeBytes; at += symbolBytes) {
    if (file.readUInt32LE(at) !== nameOffset) continue;
    const section = sections[file.readUInt16LE(at + 6)];
    if (section === undefined) return undefined;
    return section.offset + Number(file.readBigUInt64LE(at + 8)) - section.address;
  }
  return undefined;
}
