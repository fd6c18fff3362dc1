/**
 * Closes what whoever started this process has left open, or everything that is started from here would inherit it. What
 * Node opens for itself is closed on exec, and so are by Node's doing the first descriptors that it inherits: that is how
 * they are told apart (proc(5), fdinfo).
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC of Linux, in the octal digits of fdinfo. */
const closeOnExec = 0o2000000;

const flagsField = 'flags:\t';

const firstClosed = 3;

function isInherited(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
    const flags = info.split('\n').find((line) => line.startsWith(flagsField));
    if (flags === undefined) return false;
    return (Number.parseInt(flags.slice(flagsField.length), 8) & closeOnExec) === 0;
  } catch {
    // It was open for the listing alone.
    return false;
  }
}

/** Answers what was closed. Where there is no /proc nothing is. */
export function closeInherited(): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  const inherited = names.map(Number).filter((number) => number >= firstClosed && isInherited(number));
  for (const descriptor of inherited) closeSync(descriptor);
  return inherited;
}
