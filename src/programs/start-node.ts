/** Where a process begins on Node: from the command line to a program's exit code. */
import { nodeSystem } from '../system/node/index.ts';
import { dispatch, resolveCall } from './dispatch.ts';
import type { ProgramTable, Wiring } from './program.ts';

/** Whatever escapes a program is a bug; the message stays with the caller, who may try again. */
const exitBug = 111;

/**
 * Both a script and a single executable find their name in argv[1]: of a symbolic link, the link's. The process
 * ends as soon as the program has: all output is written by then, and nothing that lingers may delay the caller.
 */
export function startNode(table: ProgramTable, wiring: Wiring): void {
  const call = resolveCall(table, process.argv[1] ?? '', process.argv.slice(2));
  dispatch(table, call, nodeSystem(call.args), wiring).then(
    (exitCode) => process.exit(exitCode),
    (error: unknown) => {
      process.stderr.write(`${call.name}: fatal: ${String(error)}\n`);
      process.exit(exitBug);
    },
  );
}
