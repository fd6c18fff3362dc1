/** Where a process begins on the host in C: from the command line to a program's exit code. */
import { type ByteString, byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { type Host, tinySystem } from '../tiny/index.ts';
import { dispatch, resolveCall } from './dispatch.ts';
import type { ProgramTable, Wiring } from './program.ts';

/** Whatever escapes a program is a bug; the message stays with the caller, who may try again. */
const exitBug = 111;

/** The process ends as soon as the program has: all output is written by then. */
export function startTiny(host: Host, table: ProgramTable, wiring: Wiring): void {
  const [calledAs = '', ...words] = host.arguments;
  const call = resolveCall(table, calledAs, words);
  const resolve = async (name: ByteString) =>
    (await import('../resolver/index.ts')).resolveName(system, name);
  const system: System = tinySystem(host, call.args, resolve);
  dispatch(table, call, system, wiring).then(
    (exitCode) => host.exit(exitCode),
    (error: unknown) => {
      system.files.write(2, bytesOf(byteStringOf(`${call.name}: fatal: ${errorText(error)}\n`)));
      host.exit(exitBug);
    },
  );
}
