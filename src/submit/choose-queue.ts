/** Which queue a program uses: $QMAILQUEUE, else control/qmailqueue, else the one that is built in. */
import { homeDirectory, openControl } from '../control/index.ts';
import type { System } from '../system/index.ts';
import type { Queue } from './queue.ts';
import { queueProgram, type RunProgram } from './queue-program.ts';

/** A path that is not absolute counts from the home directory, as in qmail. */
export function chooseQueue(system: System, builtIn: Queue, run?: RunProgram): Queue {
  const program = system.env('QMAILQUEUE') || openControl(system).line('qmailqueue');
  if (!program) return builtIn;
  return queueProgram(program.startsWith('/') ? program : `${homeDirectory(system)}/${program}`, run);
}
