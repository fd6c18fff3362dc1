/**
 * Starts /bin/sh for a command of a .qmail file, as the leader of a session and process group of its own.
 *
 * Node passes text alone in arguments and variables, as UTF-8. Mail is bytes: where a value is no UTF-8, they go
 * through a file on descriptor 3, one a line, and a shell script that is always the same reads them into variables.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type ByteString, bytesOf, errorCode, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import type { Environment } from './program-environment.ts';

export interface Launch {
  /** What the shell carries out; it holds no LF. */
  readonly command: ByteString;
  readonly home: ByteString;
  readonly environment: Environment;
  /** Descriptors 0, 1 and 2. */
  readonly stdio: readonly number[];
  readonly system: System;
}

const shell = '/bin/sh';

/** Exit code of the script when it cannot enter the home: try later. */
const exitTemporary = 111;

/**
 * Reads NAME=VALUE lines up to an empty one, then the command. `export` and `cd` get their operands in quotes, so
 * that nothing in a value is expanded or carried out. Values that end with LF have lost it, and get it back.
 */
const script = `
while IFS= read -r line <&3 && [ -n "$line" ]; do export "$line"; done
IFS= read -r command <&3
exec 3<&-
DTLINE="$DTLINE
" RPLINE="$RPLINE
" UFLINE="$UFLINE
"
cd -- "$HOME" || exit ${exitTemporary}
exec ${shell} -c "$command"
`;

function launchAsText({ command, home, environment, stdio }: Launch): ChildProcess {
  const env = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, nativeText(value)]),
  );
  return spawn(shell, ['-c', nativeText(command)], {
    cwd: nativeText(home),
    env,
    stdio: [...stdio],
    detached: true,
  });
}

function launchAsBytes({ command, environment, stdio, system }: Launch): ChildProcess {
  const values = Object.entries(environment).map(
    ([name, value]) => `${name}=${value.replaceAll('\n', '')}\n`,
  );
  const file = system.files.openTemporary();
  try {
    system.files.writeAt(file, bytesOf(`${values.join('')}\n${command}\n`), 0);
    return spawn(shell, ['-c', script], { env: {}, stdio: [...stdio, file], detached: true });
  } finally {
    closeSync(file);
  }
}

export function launchProgram(launch: Launch): ChildProcess {
  try {
    return launchAsText(launch);
  } catch (error) {
    if (errorCode(error) !== 'EILSEQ') throw error;
    return launchAsBytes(launch);
  }
}
