/** The documents tell the truth: their commands are run, in the order of the text, and their links lead somewhere. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { builtExecutable } from '../support/executables.ts';
import { temporaryDirectory } from '../support/home.ts';
import { hubUser } from '../support/hub-home.ts';
import { files, textOfFile, top } from '../support/sources.ts';
import { unusedPort } from '../support/unused-port.ts';

const documents = files('*.md', 'docs/*.md');

/** The commands of a document, block by block. */
function blocks(document: string): readonly string[] {
  return [...textOfFile(document).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
}

/** A directory with the executables, where an ordinary user can run them. */
function binaries(user: ReturnType<typeof hubUser>): string {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  for (const name of ['mini-qmail', 'mini-qmail-satellite'] as const) {
    const path = builtExecutable(name);
    const ids = process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
    if (spawnSync('test', ['-x', path], ids).status === 0) symlinkSync(path, join(directory, name));
    else copyFileSync(path, join(directory, name));
  }
  return directory;
}

/** Runs a script as an ordinary user; what it said, when it failed. */
async function run(
  script: string,
  cwd: string,
  path: string,
  user: ReturnType<typeof hubUser>,
): Promise<string> {
  const ids = process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
  const child = spawn('sh', ['-euc', script], {
    cwd,
    env: { PATH: `${path}:/usr/local/bin:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...ids,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
    });
  }
  const [code] = await once(child, 'close');
  return code === 0 ? '' : `${code}: ${output}`;
}

test('what docs/hub.md and docs/satellite.md say to type does what they say', async () => {
  const hub = blocks('docs/hub.md');
  const port = String(await unusedPort());
  const stop = hub.at(-1) ?? '';
  // Whatever fails, the hub ends with the script; the last command of all waits for that.
  const trap = 'trap \'[ ! -e hub/pid ] || kill "$(cat hub/pid)" 2>/dev/null || :\' EXIT';
  const script = [trap, ...hub.slice(0, -1), ...blocks('docs/satellite.md'), stop, 'wait']
    .join('\n')
    .replaceAll('6280', port);
  const user = hubUser();
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const cwd = join(directory, 'work');
  mkdirSync(cwd);
  chownSync(cwd, user.uid, user.gid);
  strictEqual(await run(script, cwd, binaries(user), user), '');
  const inbox = join(cwd, 'hub/home/Maildir/new');
  const subjects = readdirSync(inbox).map(
    (name) => /^Subject: (.*)$/m.exec(readFileSync(join(inbox, name), 'latin1'))?.[1],
  );
  deepStrictEqual(subjects.sort(), ['backup is done', 'by a link', 'from the hub']);
});

test('links lead to files', () => {
  const lost = documents.flatMap((document) =>
    [...textOfFile(document).matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target = '']) => join(dirname(document), target))
      .filter((target) => !existsSync(join(top, target))),
  );
  deepStrictEqual(lost, []);
});

test('files and commands that the README names exist', () => {
  const named = [
    ...textOfFile('README.md').matchAll(/(?:^ {4}\.\/|`(?:\.\/)?)((?:scripts|test)\/[\w./-]+)/gm),
  ];
  deepStrictEqual(
    named.map(([, path = '']) => path).filter((path) => !existsSync(join(top, path))),
    [],
  );
  const { scripts } = JSON.parse(textOfFile('package.json'));
  const npm = [...textOfFile('README.md').matchAll(/`npm run (\w+)/g)].map(([, name = '']) => name);
  deepStrictEqual(
    npm.filter((name) => !(name in scripts)),
    [],
  );
});
