/** Runs programs on a system with other accounts: a mount namespace in which another file is /etc/passwd. Root only. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { ByteString } from '../../src/system/index.ts';
import { hubCommand } from './entry-points.ts';
import { temporaryDirectory } from './home.ts';
import { isRoot } from './hub-home.ts';
import type { Ended } from './run-program.ts';

const script = 'mount --bind "$1" /etc/passwd && shift && exec "$@"';

/** For the options of a test: skips it, and says why, where this cannot be done. */
export function needsOwnAccounts(): { readonly skip: string | false } {
  const works = isRoot && spawnSync('unshare', ['-m', 'true']).status === 0;
  return { skip: !works && 'needs root, and unshare with mounts of its own' };
}

/** `passwd` is the text of the file. */
export function runWithPasswd(
  passwd: ByteString,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ended {
  const path = `${temporaryDirectory()}/passwd`;
  writeFileSync(path, passwd, 'latin1');
  const words = ['-m', 'sh', '-c', script, 'sh', path, ...hubCommand, program, ...args];
  const ended = spawnSync('unshare', words, {
    encoding: 'latin1',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
  });
  return { exit: ended.status ?? undefined, stdout: ended.stdout, stderr: ended.stderr };
}
