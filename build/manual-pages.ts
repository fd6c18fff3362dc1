/** The manual pages of every program in a table, and of the formats of files, as roff. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { roff } from '../src/manual/index.ts';
import { formatPages } from '../src/programs/format-pages.ts';
import type { ProgramTable } from '../src/programs/program.ts';
import { writeIfChanged } from './write-if-changed.ts';

/** Writes NAME.SECTION for each into `directory` and returns the names. */
export async function writeManualPages(table: ProgramTable, directory: string): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  const names: string[] = [];
  const programs = await Promise.all(Object.values(table).map((load) => load()));
  for (const manual of [...programs.map((program) => program.manual), ...formatPages]) {
    const name = `${manual.name}.${manual.section}`;
    writeIfChanged(join(directory, name), roff(manual));
    if (!names.includes(name)) names.push(name);
  }
  return names;
}
