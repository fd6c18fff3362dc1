import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeScryptHash } from '../../src/serve/passwords/index.ts';
import { builtExecutable, executablesMissing } from '../support/executables.ts';
import { hubHome, hubUser } from '../support/hub-home.ts';
import { makeAccounts, makeHome, makeQmail } from '../support/hub-host.ts';
import { runWithLogin } from '../support/login-run.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';

const hash = makeScryptHash('secret word', { ln: 1, r: 1, p: 1 });

/** A home with this users/poppasswd, for a checkpassword that runs as an ordinary user. */
function homeWith(passwords: string | undefined): string {
  const home = hubHome();
  mkdirSync(`${home}/users`);
  if (passwords !== undefined) writeFileSync(`${home}/users/poppasswd`, passwords);
  chmodSync(`${home}/users`, 0o755);
  return home;
}

const show = ['sh', '-c', 'echo "$USER $HOME $SHELL $KEPT"; pwd; id -u; test ! -e /proc/self/fd/3 && exit 7'];

function check(home: string, login: string | undefined, args: readonly string[] = show) {
  const env = { QMAILHOME: home, HOME: `${home}/home`, KEPT: 'kept' };
  return runWithLogin({ program: 'checkpassword', args, login, env });
}

test('who has the password gets the program, and nobody else does', async () => {
  const home = homeWith(`joe:${hash}\njim:${hash}:ignored:/\n`);
  const { uid } = hubUser();
  deepStrictEqual(await check(home, 'joe\0secret word\0<1.2@x>\0'), {
    exit: 7,
    stdout: `joe ${home}/home /bin/sh kept\n${home}/home\n${uid}\n`,
    stderr: '',
  });
  strictEqual((await check(home, 'jim\0secret word\0\0')).stdout, `jim / /bin/sh kept\n/\n${uid}\n`);
  for (const login of ['joe\0secret\0\0', 'joe\0\0\0', 'nobody\0secret word\0\0', 'jo e\0x\0\0', '\0\0\0'])
    deepStrictEqual(await check(home, login), { exit: 1, stdout: '', stderr: '' }, login);
});

test('what makes no sense is a misuse', async () => {
  const home = homeWith(`joe:${hash}\n`);
  for (const login of [undefined, '', 'joe', 'joe\0secret word', `joe\0${'x'.repeat(600)}\0\0`]) {
    const { exit, stderr } = await check(home, login);
    strictEqual(exit, 2, login ?? 'none');
    match(stderr, /^checkpassword: there is no login on descriptor 3\n$/);
  }
  const { exit, stderr } = await check(home, 'joe\0secret word\0\0', []);
  strictEqual(exit, 2);
  match(stderr, /usage: checkpassword \[--keep N \.\.\.\] PROGRAM/);
});

test('a descriptor more is kept where that is wanted', async () => {
  const home = homeWith(`joe:${hash}\n`);
  const env = { QMAILHOME: home, HOME: `${home}/home` };
  const program = ['sh', '-c', 'echo "$USER $HOME" >&4; test ! -s /proc/self/fd/3 && exit 5'];
  const child = await runWithLogin({
    program: 'checkpassword',
    args: ['--keep', '4', ...program],
    login: 'joe\0secret word\0\0',
    env,
    onFour: true,
  });
  deepStrictEqual(child, { exit: 5, stdout: `joe ${home}/home\n`, stderr: '' });
  for (const wrong of ['3', '0', 'x', '21'])
    strictEqual(
      (await runWithLogin({ program: 'checkpassword', args: ['--keep', wrong, 'true'], login: '', env }))
        .exit,
      2,
    );
});

test('what cannot be known, or done, may be tried again', async () => {
  const none = await check(homeWith(undefined), 'joe\0secret word\0\0');
  strictEqual(none.exit, 111);
  match(none.stderr, /only root can read the passwords of the system, and there is no .*users\/poppasswd/);
  const bad = await check(homeWith('joe:secret word\n'), 'joe\0secret word\0\0');
  strictEqual(bad.exit, 111);
  match(bad.stderr, /users\/poppasswd: entry 1 is not understood/);
  const lost = await check(homeWith(`joe:${hash}::/nowhere/at/all\n`), 'joe\0secret word\0\0');
  strictEqual(lost.exit, 111);
  match(lost.stderr, /ENOENT.*\/nowhere/);
  for (const program of ['/no/such/program', 'no-such-program']) {
    const missing = await check(homeWith(`joe:${hash}\n`), 'joe\0secret word\0\0', [program]);
    strictEqual(missing.exit, 111);
    match(missing.stderr, /no-such-program|ENOENT/);
  }
});

const skip = privateHostMissing || executablesMissing;

describe('as root', { skip }, () => {
  let host: PrivateHost;

  before(async () => {
    host = await startPrivateHost({ binds: { '/opt/mini-qmail': dirname(builtExecutable('mini-qmail')) } });
    makeAccounts(host, ['joe', 'jim', 'ann']);
    for (const [index, name] of ['joe', 'jim', 'ann'].entries())
      makeHome(host, `/home/${name}`, 8000 + index);
    makeQmail(host, {});
    mkdirSync(`${host.root}/var/qmail/users`);
    await host.sh(
      `echo 'joe:secret word
jim:jims word
root:roots word' | chpasswd
      passwd -l jim >/dev/null
      echo 'joe:x:8000:' >>/etc/group; echo 'extra:x:8999:joe' >>/etc/group`,
    );
  });
  after(() => host.close());

  /** Descriptor 3 is what `printf` makes of the login. */
  function checkAs(
    login: string,
    program = 'sh -c "id -u; id -g; id -G; pwd; echo \\$USER \\$HOME \\$SHELL"',
  ) {
    const command = `printf -- '${login}' | (exec 3<&0 </dev/null; exec /opt/mini-qmail/mini-qmail checkpassword ${program})`;
    return host.run(['sh', '-c', command]);
  }

  test('a password of the system', async () => {
    deepStrictEqual(await checkAs('joe\\0secret word\\0\\0'), {
      exit: 0,
      stdout: '8000\n8000\n8000\n/home/joe\njoe /home/joe /bin/sh\n',
      stderr: '',
    });
    for (const login of [
      'joe\\0secret\\0\\0',
      'joe\\0\\0\\0',
      'ann\\0\\0\\0',
      'jim\\0jims word\\0\\0',
      'nobody-here\\0x\\0\\0',
      '8000\\0secret word\\0\\0',
      '-joe\\0secret word\\0\\0',
    ])
      deepStrictEqual(await checkAs(login), { exit: 1, stdout: '', stderr: '' }, login);
  });

  test('root does not read mail, and its right password looks like a wrong one', async () => {
    for (const password of ['roots word', 'another'])
      deepStrictEqual(await checkAs(`root\\0${password}\\0\\0`), { exit: 1, stdout: '', stderr: '' });
  });

  test('nobody can become root again', async () => {
    const { exit, stdout } = await checkAs('joe\\0secret word\\0\\0', 'cat /proc/self/status');
    strictEqual(exit, 0);
    match(stdout, /^Uid:\t8000\t8000\t8000\t8000$/m);
    match(stdout, /^Gid:\t8000\t8000\t8000\t8000$/m);
    match(stdout, /^CapEff:\t0+$/m);
  });

  test('with users/poppasswd the passwords of the system count no more', async () => {
    const entries = [
      `joe:${hash}`,
      `sales:${hash}`,
      `info:${hash}:ann:/home/ann/Maildir`,
      `gone:${hash}:nobody-here`,
      `loose:${hash}`,
      `toor:${hash}:root`,
    ];
    writeFileSync(`${host.root}/var/qmail/users/poppasswd`, `${entries.join('\n')}\n`, { mode: 0o600 });
    writeFileSync(
      `${host.root}/var/qmail/users/assign`,
      '=sales:vmail:8002:8002:/home/ann:::\n+joe-:joe:8000:8000:/home/joe:-::\n.\n',
    );
    await host.sh('/opt/mini-qmail/mini-qmail qmail-newu');
    strictEqual((await checkAs('jim\\0jims word\\0\\0')).exit, 1);
    const own = await checkAs('joe\\0secret word\\0\\0');
    strictEqual(own.stdout, '8000\n8000\n8000\n/home/joe\njoe /home/joe /bin/sh\n');
    const assigned = await checkAs('sales\\0secret word\\0\\0');
    strictEqual(assigned.stdout, '8002\n8002\n8002\n/home/ann\nsales /home/ann /bin/sh\n');
    const named = await checkAs('info\\0secret word\\0\\0');
    strictEqual(named.stdout, '8002\n8002\n8002\n/home/ann/Maildir\ninfo /home/ann/Maildir /bin/sh\n');
    for (const [login, reason] of [
      ['gone', /nobody-here, which does not exist/],
      ['loose', /loose is in users\/poppasswd, but no user/],
      ['toor', /toor is root/],
    ] as const) {
      const { exit, stdout, stderr } = await checkAs(`${login}\\0secret word\\0\\0`);
      deepStrictEqual([exit, stdout], [111, '']);
      match(stderr, reason);
    }
  });
});
