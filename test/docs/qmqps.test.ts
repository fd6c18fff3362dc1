/** The commands of docs/qmqps.md, in the order of the text. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtExecutable } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { hubUser, isRoot } from '../support/hub-home.ts';
import { textOfFile } from '../support/sources.ts';
import { unusedPort } from '../support/unused-port.ts';

test('what docs/qmqps.md says to type does what it says', needs('openssl'), async () => {
  const blocks = [...textOfFile('docs/qmqps.md').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block]) => block ?? '',
  );
  const port = String(await unusedPort());
  const trap = 'trap \'[ ! -e hub/pid ] || kill "$(cat hub/pid)" 2>/dev/null || :\' EXIT';
  const script = [trap, ...blocks, 'wait'].join('\n').replaceAll('6281', port);
  const user = hubUser();
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const cwd = join(directory, 'work');
  mkdirSync(cwd);
  for (const name of ['mini-qmail', 'mini-qmail-satellite'] as const)
    copyFileSync(builtExecutable(name), join(directory, name));
  if (isRoot) chownSync(cwd, user.uid, user.gid);
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', script], {
    cwd,
    env: { PATH: `${directory}:/usr/local/bin:/usr/bin:/bin` },
    encoding: 'latin1',
    timeout: 40_000,
    ...(isRoot ? { uid: user.uid, gid: user.gid } : {}),
  });
  strictEqual(status, 0, `${stdout}${stderr}`);
  const inbox = join(cwd, 'hub/home/Maildir/new');
  const subjects = readdirSync(inbox).map(
    (name) => /^Subject: (.*)$/m.exec(readFileSync(join(inbox, name), 'latin1'))?.[1],
  );
  deepStrictEqual(subjects.sort(), ['over TLS', 'through openssl']);
  match(readFileSync(join(cwd, 'other.pem'), 'latin1'), /PRIVATE KEY.*BEGIN CERTIFICATE/s);
});
