/**
 * Takes away from a Node executable the environment variables that would change what a program in it does. Node
 * honours some of them even where NODE_OPTIONS is closed: with NODE_REPL_EXTERNAL_MODULE a single executable refuses
 * to start, and a mail would be lost; others make it write files that nobody asked for. With NODE_EXTRA_CA_CERTS or
 * NODE_USE_SYSTEM_CA a thread reads files while the program begins, by descriptors that qmail-start takes for ones that were
 * left open for it, and closes.
 *
 * The name is overwritten where Node's C++ code asks for it, by one that no environment can hold.
 */

/** What a test finds to have an effect from outside, and that is read by C++ code. */
export const closedVariables: readonly string[] = [
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_COMPILE_CACHE',
  'NODE_V8_COVERAGE',
  'NODE_DEBUG_NATIVE',
  'NODE_REDIRECT_WARNINGS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'OPENSSL_CONF',
];

const lengthBytes = 4;

/** Offsets of a C string: the same bytes as a string of V8's snapshot follow their own length and are left alone. */
function findCString(file: Buffer, name: string): readonly number[] {
  const wanted = Buffer.from(`\0${name}\0`, 'latin1');
  const found: number[] = [];
  for (let at = file.indexOf(wanted); at >= 0; at = file.indexOf(wanted, at + 1)) {
    const start = at + 1;
    if (start < lengthBytes || file.readUInt32LE(start - lengthBytes) !== name.length) found.push(start);
  }
  return found;
}

/** Changes `file` in place. Throws where a name is not found once: this Node is not the one that was looked at. */
export function closeVariables(file: Buffer, names: readonly string[] = closedVariables): void {
  for (const name of names) {
    const [start, ...others] = findCString(file, name);
    if (start === undefined || others.length > 0) {
      throw new Error(
        `Node's executable names ${name} ${others.length === 0 ? 'nowhere' : 'more than once'}`,
      );
    }
    file.write('=', start, 'latin1');
  }
}
