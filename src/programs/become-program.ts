/** This process becomes another program, with its descriptors: what exec(3) is in C. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** What a program that a signal ended has for an exit code. */
const exitCrashed = 111;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file of a program, along $PATH when its name has no slash. */
function findProgram(name: string): string {
  if (name.includes('/')) return name;
  const directories = (process.env['PATH'] ?? '/usr/bin:/bin').split(':');
  const found = directories.map((directory) => `${directory}/${name}`).find(isExecutable);
  if (found === undefined) throw new Error(`there is no program ${name}`);
  return found;
}

/**
 * The same with more descriptors than 0, 1 and 2, which stay the same numbers there. Node gives only those three away, so the
 * program becomes a child of this process, which waits for it. Resolves with its exit code.
 */
export function runAsProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  descriptors: readonly number[],
): Promise<number> {
  const stdio = Array.from({ length: Math.max(2, ...descriptors) + 1 }, (_, number) =>
    number <= 2 || descriptors.includes(number) ? number : ('ignore' as const),
  );
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(findProgram(program), args, { stdio, env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? exitCrashed));
  });
}

/** `env`: set on top of this environment. Does not return, except by throwing. */
export function becomeProgram(words: readonly string[], env: Readonly<Record<string, string>> = {}): never {
  const file = findProgram(words[0] ?? '');
  if (process.execve === undefined) throw new Error('this Node cannot become another program');
  return process.execve(file, words, { ...process.env, ...env });
}
