/** The manual pages of every program in a table, as roff. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roff } from '../src/manual/index.ts';
import type { ProgramTable } from '../src/programs/program.ts';

/** Writes NAME.SECTION for each program into `directory` and returns the names. */
export async function writeManualPages(table: ProgramTable, directory: string): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  const names: string[] = [];
  for (const load of Object.values(table)) {
    const { manual } = await load();
    const name = `${manual.name}.${manual.section}`;
    writeFileSync(join(directory, name), roff(manual));
    if (!names.includes(name)) names.push(name);
  }
  return names;
}
