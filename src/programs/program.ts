/** A program: what it says of itself, and what it does. It is thin: arguments and exit codes here, the work in a room. */
import type { Manual } from '../manual/index.ts';
import type { Queue } from '../submit/index.ts';
import type { System } from '../system/index.ts';

/** What the executable, which knows on which end of the wire it lives, gives to every program in it. */
export interface Wiring {
  /** What stands behind qmail-queue when neither $QMAILQUEUE nor control/qmailqueue names a program. */
  readonly queue: Queue;
  /** The programs that are in the executable, for one that stands for another, as mailq does. Set by dispatch. */
  readonly programs?: ProgramTable;
}

export interface Program {
  readonly manual: Manual;
  /** Runs to the end and answers the exit code. */
  run(system: System, wiring: Wiring): Promise<number>;
}

/** Programs by name, each loaded when it is called: what one run does not need, it does not pay for. */
export type ProgramTable = Readonly<Record<string, () => Promise<Program>>>;
