import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findLoginAccount, passwordFilePath, readPasswordFile } from '../../src/programs/login-account.ts';
import { makeScryptHash } from '../../src/serve/passwords/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const hash = makeScryptHash('secret', { ln: 1, r: 1, p: 1 });

// What root finds is in checkpassword.test.ts.
const ordinary: System = {
  ...nodeSystem([]),
  uid: 1234,
  env: (name) => (name === 'HOME' ? '/own' : undefined),
};

function homeWith(text: string): string {
  const home = temporaryHome();
  mkdirSync(`${home}/users`);
  writeFileSync(passwordFilePath(home), text);
  return home;
}

test('an ordinary user is whoever has a password in the file', async () => {
  const home = homeWith(`joe:${hash}\njim:${hash}::/mail/jim\n`);
  const find = (user: string, password = 'secret') =>
    findLoginAccount(ordinary, home, { user, password, timestamp: '' });
  const gid = process.getgid?.();
  deepStrictEqual(await find('joe'), { name: 'joe', uid: 1234, gid, home: '/own', shell: '/bin/sh' });
  strictEqual((await find('jim'))?.home, '/mail/jim');
  strictEqual(await find('joe', 'other'), undefined);
  strictEqual(await find('ann'), undefined);
  strictEqual(await find('jo:e'), undefined);
});

test('no file, and one that is not understood', async () => {
  const login = { user: 'joe', password: 'secret', timestamp: '' };
  strictEqual(readPasswordFile(ordinary, temporaryHome()), undefined);
  await rejects(findLoginAccount(ordinary, temporaryHome(), login), /there is no .*users\/poppasswd/);
  throws(() => readPasswordFile(ordinary, homeWith('joe\n')), /users\/poppasswd: entry 1 is not understood/);
});
