/** Compiles files of C, each again only when it, what it includes or how it is compiled has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One file, and how it is compiled. */
export interface Unit {
  readonly source: string;
  readonly flags: readonly string[];
}

/** Runs a compiler; what it says goes to the caller's descriptor 2, and a warning in our own code is an error there. */
export async function runCompiler(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await new Promise<[number | null]>((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => fulfil([exitCode]));
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}`);
}

/** All headers beside a source and in its include directories count as included. */
function digest(command: string, { source, flags }: Unit): string {
  const included = flags.flatMap((flag, index) =>
    flag === '-isystem' || flag === '-I' ? (flags[index + 1] ?? []) : [],
  );
  const headers = [...new Set([dirname(source), ...included])].flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.h'))
      .sort()
      .map((name) => join(directory, name)),
  );
  const hash = createHash('sha256').update(JSON.stringify([command, flags, source]));
  for (const file of [source, ...headers]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** The objects of these files, in their order, in `directory`. */
export async function compileC(
  command: string,
  units: readonly Unit[],
  directory: string,
): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  return await Promise.all(
    units.map(async (unit) => {
      const object = join(directory, `${basename(unit.source, '.c')}-${digest(command, unit)}.o`);
      if (existsSync(object)) return object;
      const fresh = `${object}.${process.pid}`;
      await runCompiler(command, [...unit.flags, '-c', unit.source, '-o', fresh]);
      renameSync(fresh, object);
      return object;
    }),
  );
}
