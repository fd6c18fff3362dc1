/** This process becomes another program, with its descriptors: what exec(3) is in C. */
import { accessSync, constants } from 'node:fs';

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

/** `env`: set on top of this environment. Does not return, except by throwing. */
export function becomeProgram(words: readonly string[], env: Readonly<Record<string, string>> = {}): never {
  const file = findProgram(words[0] ?? '');
  if (process.execve === undefined) throw new Error('this Node cannot become another program');
  return process.execve(file, words, { ...process.env, ...env });
}
