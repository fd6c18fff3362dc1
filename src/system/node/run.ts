/** Runs a program to its end with exactly the descriptors that the caller names. */
import type { ProgramExit, ProgramRun } from '../system.ts';
import { errorCode, SystemError } from '../system-error.ts';
import { nativeText } from './paths.ts';

export interface NativeRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdio: readonly (number | 'ignore')[];
  readonly env: NodeJS.ProcessEnv;
}

/** What Node's spawn functions are called with. */
export function nativeRun(run: ProgramRun): NativeRun {
  const highest = Math.max(2, ...Object.keys(run.descriptors).map(Number));
  const stdio = Array.from(
    { length: highest + 1 },
    (_, index) => run.descriptors[index] ?? ('ignore' as const),
  );
  const env = { ...process.env };
  for (const [name, value] of Object.entries(run.env ?? {})) env[name] = nativeText(value);
  return { program: nativeText(run.program), args: run.args.map(nativeText), stdio, env };
}

/** Why a program could not be started. */
export function startFailure(program: string, error: Error): SystemError {
  const code = errorCode(error);
  return new SystemError(
    code,
    `${program}: ${Object.hasOwn(process.getBuiltinModule('node:os').constants.errno, code) ? code : error.message}`,
    error,
  );
}

export function runProgram(run: ProgramRun): ProgramExit {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { program, args, stdio, env } = nativeRun(run);
  const ended = spawnSync(program, args, { stdio: [...stdio], env });
  if (ended.error !== undefined) throw startFailure(run.program, ended.error);
  return ended.status ?? undefined;
}
