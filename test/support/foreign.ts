/** Programs of others that tests talk to, where they are installed. */
import { accessSync, constants } from 'node:fs';

/** Where system daemons and their tools are, besides $PATH. */
const directories = ['/usr/sbin', '/usr/lib/postfix/sbin', '/usr/libexec/postfix', '/usr/local/sbin'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program, or undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const path = (process.env['PATH'] ?? '').split(':');
  return [...path, ...directories].map((directory) => `${directory}/${name}`).find(isExecutable);
}

/** For the options of a test that needs these programs: skips it, and says why, where one is missing. */
export function needs(...names: readonly string[]): { readonly skip: string | false } {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return { skip: missing.length > 0 && `${missing.join(', ')}: not installed` };
}
