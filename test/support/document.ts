/** The documents' commands, and a place in which they can be run. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { builtExecutable } from './executables.ts';
import { temporaryDirectory } from './home.ts';
import { hubUser, isRoot } from './hub-home.ts';
import { textOfFile } from './sources.ts';

type User = ReturnType<typeof hubUser>;

/** The commands of a document, block by block. */
export function commandBlocks(document: string): readonly string[] {
  return [...textOfFile(document).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
}

function idsOf({ uid, gid }: User): { readonly uid: number; readonly gid: number } | object {
  return isRoot ? { uid, gid } : {};
}

/** A directory with the executables, where an ordinary user can run them. */
function binaries(user: User): string {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  for (const name of ['mini-qmail', 'mini-qmail-satellite'] as const) {
    const path = builtExecutable(name);
    if (spawnSync('test', ['-x', path], idsOf(user)).status === 0) symlinkSync(path, join(directory, name));
    else copyFileSync(path, join(directory, name));
  }
  return directory;
}

/**
 * Runs a script in an empty directory as an ordinary user, with both executables in the PATH. Answers the directory;
 * rejects, with what the script said, when it fails.
 */
export async function runAsDocumented(script: string): Promise<string> {
  const user = hubUser();
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const cwd = join(directory, 'work');
  mkdirSync(cwd);
  chownSync(cwd, user.uid, user.gid);
  const child = spawn('sh', ['-euc', script], {
    cwd,
    env: { PATH: `${binaries(user)}:/usr/local/bin:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...idsOf(user),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the commands ended with ${code}: ${output}`);
  return cwd;
}
