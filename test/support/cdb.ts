/** Constant databases in tests: arbitrary contents, and what tinycdb makes of them. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import type { ByteString } from '../../src/system/index.ts';
import { findProgram } from './foreign.ts';
import { temporaryDirectory } from './home.ts';

/** Short strings of any bytes. */
export const byteStrings: fc.Arbitrary<ByteString> = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

/** The lines that cdbmake reads. */
export function cdbLines(pairs: readonly (readonly [key: ByteString, data: ByteString])[]): Buffer {
  const lines = pairs.map(([key, data]) => `+${key.length},${data.length}:${key}->${data}\n`);
  return Buffer.from(`${lines.join('')}\n`, 'latin1');
}

/** The path of a database that tinycdb made. */
export function tinyCdb(pairs: readonly (readonly [key: ByteString, data: ByteString])[]): string {
  const path = `${temporaryDirectory()}/cdb`;
  execFileSync(findProgram('cdb') ?? '', ['-c', path], { input: cdbLines(pairs) });
  return path;
}
