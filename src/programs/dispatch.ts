/** Which program am I? The name that was called decides: a symbolic link's, or the first argument. */
import { help } from '../manual/index.ts';
import { errorText, type System } from '../system/index.ts';
import { complain, print } from './print.ts';
import type { Program, ProgramTable, Wiring } from './program.ts';

/** What qmail's programs exit with when they are called wrongly, and when something may work later. */
const exitUsage = 100;
const exitTemporary = 111;

export interface Call {
  /** The name that was called, without its directory. */
  readonly name: string;
  readonly args: readonly string[];
}

/** Whether a name that somebody else chose is one of a table, and not one that every object knows. */
function isIn(table: ProgramTable, name: string): boolean {
  return Object.keys(table).includes(name);
}

/** Resolves `mini-qmail PROGRAM ARGS` and a link named after a program to the same call. */
export function resolveCall(table: ProgramTable, calledAs: string, args: readonly string[]): Call {
  const name = calledAs.slice(calledAs.lastIndexOf('/') + 1);
  if (isIn(table, name)) return { name, args };
  return { name: args[0] ?? '', args: args.slice(1) };
}

/** Runs a program to its exit code. `system` is made for the arguments that remain. */
export async function dispatch(
  table: ProgramTable,
  call: Call,
  system: System,
  wiring: Wiring,
): Promise<number> {
  const load = isIn(table, call.name) ? table[call.name] : undefined;
  if (load === undefined) {
    const asked = call.name === '' || call.name === '--help';
    const text = `usage: mini-qmail PROGRAM [ARGUMENT ...]\nprograms: ${Object.keys(table).sort().join(' ')}\n`;
    if (asked) print(system, text);
    else complain(system, 'mini-qmail', `there is no program ${call.name}\n${text}`);
    return call.name === '--help' ? 0 : exitUsage;
  }
  let program: Program | undefined;
  try {
    program = await load();
    if (call.args[0] === '--help' && call.args.length === 1) {
      print(system, help(program.manual));
      return 0;
    }
    return await program.run(system, { ...wiring, programs: table });
  } catch (error) {
    complain(system, program?.manual.name ?? call.name, `fatal: ${errorText(error)}`);
    return exitTemporary;
  }
}
