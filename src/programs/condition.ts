/**
 * A condition on a message, which a program decides: it holds when the program exits with 0. When the program cannot say
 * for now (111), nothing can be decided; any other exit code says that it does not hold.
 */
import { type ByteString, printable, type System } from '../system/index.ts';
import { complain } from './print.ts';
import { runChild } from './run-child.ts';

export type Condition = 'holds' | 'fails' | 'unknown';

const exitHolds = 0;
const exitTemporary = 111;

/** Complains in the caller's name. A program that does not exist decides nothing in favour: the condition fails. */
export function askProgram(system: System, caller: string, command: readonly ByteString[]): Condition {
  const ended = runChild(system, command);
  switch (ended.kind) {
    case 'crashed':
      complain(system, caller, 'fatal: child crashed');
      return 'unknown';
    case 'not-run':
      complain(system, caller, `${ended.temporary ? 'fatal' : 'warning'}: ${printable(ended.problem)}`);
      return ended.temporary ? 'unknown' : 'fails';
    case 'exited':
      if (ended.exitCode === exitHolds) return 'holds';
      if (ended.exitCode !== exitTemporary) return 'fails';
      complain(system, caller, 'fatal: temporary child error');
      return 'unknown';
  }
}
