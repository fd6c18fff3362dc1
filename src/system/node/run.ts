/** Runs a program to its end with exactly the descriptors that the caller names. */
import { constants } from 'node:os';
import type { ProgramExit, ProgramRun } from '../system.ts';
import { errorCode, SystemError } from '../system-error.ts';
import { nativePath } from './paths.ts';

/**
 * Node's spawnSync takes strings and encodes them as UTF-8, so an argument with bytes over 127 that are not UTF-8
 * cannot pass; it is refused rather than changed.
 */
function nativeArgument(argument: string): string {
  const native = nativePath(argument);
  if (typeof native === 'string') return native;
  const decoded = native.toString('utf8');
  if (decoded.includes('\ufffd')) throw new SystemError('EILSEQ', 'an argument is not valid UTF-8');
  return decoded;
}

export function runProgram(run: ProgramRun): ProgramExit {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const highest = Math.max(2, ...Object.keys(run.descriptors).map(Number));
  const stdio = Array.from(
    { length: highest + 1 },
    (_, index) => run.descriptors[index] ?? ('ignore' as const),
  );
  const env = { ...process.env };
  for (const [name, value] of Object.entries(run.env ?? {})) env[name] = nativeArgument(value);
  const ended = spawnSync(nativeArgument(run.program), run.args.map(nativeArgument), { stdio, env });
  if (ended.error !== undefined) {
    const code = errorCode(ended.error);
    throw new SystemError(
      code,
      `${run.program}: ${Object.hasOwn(constants.errno, code) ? code : ended.error.message}`,
    );
  }
  return ended.status ?? undefined;
}
