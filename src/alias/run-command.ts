/**
 * Runs a command with /bin/sh in our own environment. Node passes text alone in arguments and variables, as UTF-8; mail
 * is bytes. Where the command or a variable of the delivery is no UTF-8, they go through a file on descriptor 3, and a
 * script that is always the same reads them.
 */
import { type ByteString, bytesOf, errorCode, type ProgramExit, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';

const shell = '/bin/sh';

/** Variables of a delivery that hold what others have written (qmail-command(8)). */
const variables = [
  ...['SENDER', 'NEWSENDER', 'RECIPIENT', 'LOCAL', 'DEFAULT', 'USER', 'HOME'],
  ...['EXT', 'EXT2', 'EXT3', 'EXT4', 'HOST', 'HOST2', 'HOST3', 'HOST4'],
  ...['DTLINE', 'RPLINE', 'UFLINE'],
];

/**
 * Reads NAME=VALUE lines up to an empty one; the rest is the command. Operands stand in quotes, so that nothing in them
 * is expanded. A value that ends with LF has lost it on the way, and gets it back.
 */
const script = `
newline='
'
while IFS= read -r line <&3 && [ -n "$line" ]; do
  case $line in DTLINE=* | RPLINE=* | UFLINE=*) line=$line$newline ;; esac
  export "$line"
done
command=$(cat <&3; echo .)
exec 3<&-
exec ${shell} -c "\${command%.}"
`;

function isText(bytes: ByteString): boolean {
  try {
    nativeText(bytes);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EILSEQ') return false;
    throw error;
  }
}

/** NAME=VALUE of the variables that Node would change. */
function assignments(system: System): readonly ByteString[] {
  return variables.flatMap((name) => {
    const value = system.env(name);
    return value === undefined || isText(value) ? [] : [`${name}=${value.replaceAll('\n', '')}\n`];
  });
}

/** `input` becomes its descriptor 0; descriptors 1 and 2 are ours. */
export function runCommand(system: System, command: ByteString, input: number): ProgramExit {
  const changed = assignments(system);
  const descriptors = { 0: input, 1: 1, 2: 2 };
  if (changed.length === 0 && isText(command)) {
    return system.run({ program: shell, args: ['-c', command], descriptors });
  }
  const file = system.files.openTemporary();
  try {
    system.files.writeAt(file, bytesOf(`${changed.join('')}\n${command}`), 0);
    return system.run({ program: shell, args: ['-c', script], descriptors: { ...descriptors, 3: file } });
  } finally {
    system.files.close(file);
  }
}
