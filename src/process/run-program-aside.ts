/**
 * Runs a program as System.run does, but without holding up the process that waits for it: a listener goes on
 * serving its other connections.
 */
import { spawn } from 'node:child_process';
import type { ProgramExit, ProgramRun } from '../system/index.ts';
import { nativeRun, startFailure } from '../system/node/index.ts';

/** Rejects with a SystemError when the program cannot be started. */
export async function runProgramAside(run: ProgramRun): Promise<ProgramExit> {
  const { program, args, stdio, env } = nativeRun(run);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [...stdio], env });
    child.once('error', (error) => reject(startFailure(run.program, error)));
    child.once('exit', (exitCode) => resolve(exitCode ?? undefined));
  });
}
