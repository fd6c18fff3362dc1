import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { systemAccounts } from '../../../src/local/users/index.ts';
import { needs } from '../../support/foreign.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { hubUser, isRoot } from '../../support/hub-home.ts';

const passwd = 'joe:x:503:78::/home/joe:/bin/sh\n1234:x:504:79::/home/1234:\n+5:x:505:80::/home/5:\n';

function file(text: string, mode = 0o644): string {
  const path = `${temporaryDirectory()}/file`;
  writeFileSync(path, text, { mode });
  return path;
}

/** A getent that writes its arguments down and does as it is told. */
function script(body: string): { readonly getent: string; calls(): readonly string[] } {
  const log = `${temporaryDirectory()}/calls`;
  writeFileSync(log, '', { mode: 0o666 });
  const getent = file(`#!/bin/sh\necho "$*" >>'${log}'\n${body}\n`, 0o755);
  return { getent, calls: () => readFileSync(log, 'utf8').trimEnd().split('\n') };
}

test('accounts of this system', needs('getent'), async () => {
  const { username, uid, gid, homedir, shell } = userInfo();
  const accounts = systemAccounts();
  const found = await accounts.find(username);
  deepStrictEqual(found, { name: username, uid, gid, home: homedir, shell: shell ?? '' });
  strictEqual(await accounts.find('no-such-account'), undefined);
});

test('names that no account has are not asked for', async () => {
  const { getent, calls } = script('exit 1');
  const accounts = systemAccounts({ getent });
  for (const name of ['', 'a\0b', 'a:b', 'a\nb', '\xff\xfe', 'x'.repeat(256)]) {
    strictEqual(await accounts.find(name), undefined, JSON.stringify(name));
  }
  deepStrictEqual(calls(), ['']);
});

test('a name is an argument, and no option', async () => {
  const { getent, calls } = script('exit 2');
  const accounts = systemAccounts({ getent });
  for (const name of ['-x', '--help', '$(id)', 'j\xc3\xb6e'])
    strictEqual(await accounts.find(name), undefined);
  deepStrictEqual(calls(), ['passwd -- -x', 'passwd -- --help', 'passwd -- $(id)', 'passwd -- j\u00f6e']);
});

test('a number is a name, and not the uid for which getent takes it', async () => {
  const { getent, calls } = script("echo 'root:x:0:0::/root:'");
  const accounts = systemAccounts({ getent, passwdFile: file(passwd) });
  strictEqual((await accounts.find('1234'))?.uid, 504);
  strictEqual((await accounts.find('+5'))?.uid, 505);
  for (const name of ['0', ' 0', '-0', '\t+12', '99999999999999999999']) {
    strictEqual(await accounts.find(name), undefined, name);
  }
  deepStrictEqual(calls(), ['']);
});

test('without getent /etc/passwd is read', async () => {
  const accounts = systemAccounts({ getent: '/nonexistent/getent', passwdFile: file(passwd) });
  strictEqual((await accounts.find('joe'))?.home, '/home/joe');
  strictEqual(await accounts.find('jo'), undefined);
  const neither = systemAccounts({ getent: '/nonexistent/getent', passwdFile: '/nonexistent/passwd' });
  await rejects(neither.find('joe'), { code: 'ENOENT' });
});

test('every other end of getent is a failure that may pass', async () => {
  const bodies = [
    'exit 1',
    'exit 3',
    'kill -9 $$',
    'exit 0',
    'echo nonsense',
    'echo joe:x:no:1::/:',
    'yes | head -c 70000',
  ];
  for (const body of bodies) {
    await rejects(systemAccounts({ getent: script(body).getent }).find('joe'), /getent|file /, body);
  }
});

test('root runs getent as somebody else, without groups', { skip: !isRoot && 'needs root' }, async () => {
  const { uid, gid } = hubUser();
  const directory = temporaryDirectory();
  spawnSync('chmod', ['755', directory]);
  const getent = `${directory}/getent`;
  writeFileSync(getent, '#!/bin/sh\necho "$(id -G):x:$(id -u):$(id -g)::/:"\n', { mode: 0o755 });
  const found = await systemAccounts({ getent, identity: { uid, gid } }).find('joe');
  deepStrictEqual(found, { name: `${gid}`, uid, gid, home: '/', shell: '' });
});

test('a few run at the same time, and all are answered', async () => {
  const { getent } = script('echo "$3:x:1000:1000::/:"');
  const accounts = systemAccounts({ getent });
  const names = Array.from({ length: 30 }, (_, n) => `user-${n}`);
  const found = await Promise.all(names.map((name) => accounts.find(name)));
  deepStrictEqual(
    found.map((one) => one?.name),
    names,
  );
});
