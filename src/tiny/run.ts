/** Runs a program to its end with exactly the descriptors that the caller names. */
import type { ProgramExit, ProgramRun } from '../system/index.ts';
import { checked, failedWith } from './checked.ts';
import type { Host } from './host.ts';
import { startProgram } from './start-program.ts';

/** What host.wait answers from here on is a signal. */
const signalled = 256;

export function runProgram(host: Host, run: ProgramRun): ProgramExit {
  const child = startProgram(host, run, run.descriptors, false);
  let answer = host.wait(child);
  while (failedWith(host, answer, 'EINTR')) answer = host.wait(child);
  const status = checked(host, answer, 'wait', run.program);
  return status >= signalled ? undefined : status;
}
