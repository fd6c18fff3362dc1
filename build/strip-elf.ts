/**
 * Removes from an ELF executable what no running process looks at: symbols for debuggers, their strings, debugging
 * tables. It does what `strip --strip-all` does, for any machine's files and without that machine's binutils.
 *
 * Follows the System V ABI, "Object Files": the loader reads program headers and segments; sections serve linkers
 * and debuggers. Sections with SHF_ALLOC lie in segments and stay at their offsets; everything behind the last
 * segment goes, and a shorter section table is written in its place.
 */

const elfHeaderBytes = 64;
const programHeaderBytes = 56;
const sectionHeaderBytes = 64;

/** A table of more entries than this is damage, not a program. */
const entriesMax = 4096;

const sectionTypeStrings = 3;
const flagAlloc = 0x2n;

interface Section {
  readonly nameOffset: number;
  readonly name: string;
  /** The header as it stands in the file. */
  readonly header: Buffer;
}

function readTable(file: Buffer, offset: number, count: number, sizeBytes: number): readonly Buffer[] {
  if (count > entriesMax) throw new Error(`ELF: ${count} entries in one table`);
  if (offset + count * sizeBytes > file.length)
    throw new Error('ELF: a table lies beyond the end of the file');
  return Array.from({ length: count }, (_, index) =>
    file.subarray(offset + index * sizeBytes, offset + (index + 1) * sizeBytes),
  );
}

function readSections(file: Buffer): readonly Section[] {
  const headers = readTable(
    file,
    Number(file.readBigUInt64LE(40)),
    file.readUInt16LE(60),
    sectionHeaderBytes,
  );
  const strings = headers[file.readUInt16LE(62)];
  if (strings === undefined) throw new Error('ELF: there is no table of section names');
  const stringsOffset = Number(strings.readBigUInt64LE(24));
  return headers.map((header) => {
    const nameOffset = header.readUInt32LE(0);
    const start = stringsOffset + nameOffset;
    return { nameOffset, name: file.toString('latin1', start, file.indexOf(0, start)), header };
  });
}

/** Where the last segment ends in the file. */
function segmentsEnd(file: Buffer): number {
  const headers = readTable(
    file,
    Number(file.readBigUInt64LE(32)),
    file.readUInt16LE(56),
    programHeaderBytes,
  );
  return Math.max(
    elfHeaderBytes,
    ...headers.map((header) => Number(header.readBigUInt64LE(8) + header.readBigUInt64LE(32))),
  );
}

/** The header of a section as it will stand, with its name at `nameOffset`. */
function renamed(header: Buffer, nameOffset: number): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt32LE(nameOffset, 0);
  return copy;
}

/** Returns the stripped program. Throws for a file that is no little-endian 64-bit ELF program. */
export function stripElf(file: Buffer): Buffer {
  if (file.length < elfHeaderBytes || file.readUInt32BE(0) !== 0x7f454c46) throw new Error('not an ELF file');
  if (file[4] !== 2 || file[5] !== 1) throw new Error('ELF: only 64-bit little-endian files are known here');
  const sections = readSections(file);
  const isKept = (section: Section) => (section.header.readBigUInt64LE(8) & flagAlloc) !== 0n;
  const lastKept = sections.findLastIndex(isKept);
  // Sections name each other by number (sh_link, sh_info): only a tail can go without renumbering.
  if (sections.slice(1, lastKept + 1).some((section) => !isKept(section))) {
    throw new Error('ELF: a section that is not loaded stands between loaded ones');
  }
  const kept = sections.slice(0, lastKept + 1);
  const end = segmentsEnd(file);
  const body = Buffer.from(file.subarray(0, end));

  const names = Buffer.from(
    `${['', ...kept.slice(1).map((section) => section.name), '.shstrtab'].join('\0')}\0`,
    'latin1',
  );
  const headers: Buffer[] = [];
  let nameOffset = 0;
  for (const section of kept) {
    headers.push(renamed(section.header, nameOffset));
    nameOffset += section.name.length + 1;
  }
  const namesHeader = Buffer.alloc(sectionHeaderBytes);
  namesHeader.writeUInt32LE(nameOffset, 0);
  namesHeader.writeUInt32LE(sectionTypeStrings, 4);
  namesHeader.writeBigUInt64LE(BigInt(end), 24);
  namesHeader.writeBigUInt64LE(BigInt(names.length), 32);
  namesHeader.writeBigUInt64LE(1n, 48);
  headers.push(namesHeader);

  const padding = Buffer.alloc((8 - ((end + names.length) % 8)) % 8);
  body.writeBigUInt64LE(BigInt(end + names.length + padding.length), 40);
  body.writeUInt16LE(headers.length, 60);
  body.writeUInt16LE(headers.length - 1, 62);
  return Buffer.concat([body, names, padding, ...headers]);
}
