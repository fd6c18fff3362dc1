import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Accounts, SystemAccount } from '../../../src/local/users/index.ts';
import { candidatesOf, createPasswordUsers } from '../../../src/local/users/password-users.ts';
import { SystemError } from '../../../src/system/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { isRoot } from '../../support/hub-home.ts';
import { account, accountsOf, owners } from '../../support/users.ts';

const memory = { rememberMs: 1000, entriesMax: 100, now: () => 0 };
const alias = account('alias', 7790, { home: '/var/qmail/alias' });

function users(accounts: Accounts, table: Readonly<Record<string, number | string>>) {
  return createPasswordUsers({ accounts, aliasName: 'alias', memory, ownerOf: owners(table) });
}

async function answers(find: ReturnType<typeof users>, ...locals: readonly string[]) {
  return await Promise.all(
    locals.map(async (local) => {
      const found = await find.find(local);
      return found.ok ? `${found.user} ${found.dash} ${found.extension}` : found;
    }),
  );
}

test('a name, a name with an extension, and everything else', async () => {
  const accounts = accountsOf(account('joe', 503), alias);
  deepStrictEqual(
    await answers(
      users(accounts, { '/home/joe': 503 }),
      'joe',
      'JOE',
      'joe-a-B',
      'joe-',
      'joey',
      '-joe',
      'joe+a',
    ),
    ['joe  ', 'joe  ', 'joe - a-B', 'joe - ', 'alias - joey', 'alias - -joe', 'alias - joe+a'],
  );
});

test('what is found has everything that a delivery needs', async () => {
  const accounts = accountsOf(account('joe', 503, { gid: 78 }), alias);
  deepStrictEqual(await users(accounts, { '/home/joe': 503 }).find('joe-x'), {
    ok: true,
    user: 'joe',
    uid: 503,
    gid: 78,
    home: '/home/joe',
    dash: '-',
    extension: 'x',
  });
});

test('the longest name counts', async () => {
  const accounts = accountsOf(account('joe', 503), account('joe-list', 504), alias);
  const homes = { '/home/joe': 503, '/home/joe-list': 504 };
  deepStrictEqual(await answers(users(accounts, homes), 'joe-list', 'joe-list-x', 'joe-lists'), [
    'joe-list  ',
    'joe-list - x',
    'joe - lists',
  ]);
  deepStrictEqual(await answers(users(accounts, { ...homes, '/home/joe-list': 1 }), 'joe-list-x'), [
    'joe - list-x',
  ]);
});

test('names have fewer than 32 bytes', async () => {
  const [long, longer] = ['a'.repeat(31), 'a'.repeat(32)];
  const accounts = accountsOf(account(long, 503), account(longer, 504), alias);
  const find = users(accounts, { [`/home/${long}`]: 503, [`/home/${longer}`]: 504 });
  deepStrictEqual(await answers(find, long, `${long}-x`, longer, `${longer}-x`), [
    `${long}  `,
    `${long} - x`,
    `alias - ${longer}`,
    `alias - ${longer}-x`,
  ]);
});

test('candidates are the beginnings of the address, and few', () => {
  const letters = fc.constantFrom('a', 'B', '-', '.');
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 60 }), (local) => {
      const candidates = candidatesOf(local);
      ok(candidates.length < 32);
      for (const { name, dash, extension } of candidates) {
        strictEqual(`${name}${dash}${extension}`.toLowerCase(), local.toLowerCase());
        ok(name.length > 0 && name.length < 32 && local.endsWith(extension));
        ok(dash === '-' || extension === '');
      }
    }),
  );
});

test('root is nobody, and so is who does not own a home', async () => {
  const accounts = accountsOf(account('root', 0), account('daemon', 1), alias);
  const find = users(accounts, { '/home/root': 0, '/home/daemon': 0 });
  deepStrictEqual(await answers(find, 'root', 'root-x', 'daemon'), [
    'alias - root',
    'alias - root-x',
    'alias - daemon',
  ]);
});

test('a missing home defers mail for people, and makes nobodies of others', async () => {
  const some = (name: string, more: Partial<SystemAccount>) => account(name, 503, more);
  const accounts = accountsOf(
    some('joe', {}),
    some('unset', { shell: '' }),
    some('www', { shell: '/usr/sbin/nologin' }),
    some('sys', { shell: '/bin/false' }),
    some('none', { home: '/nonexistent' }),
    alias,
  );
  for (const local of ['joe', 'joe-x', 'unset']) {
    const found = await users(accounts, {}).find(local);
    ok(!found.ok);
    deepStrictEqual([found.trouble, found.answer.verdict], ['home', 'Z']);
    match(found.answer.text, /^The home directory of (joe|unset) is missing: \/home\/\w+ \(#4\.3\.0\)\n$/);
  }
  deepStrictEqual(await answers(users(accounts, {}), 'www', 'sys', 'none'), [
    'alias - www',
    'alias - sys',
    'alias - none',
  ]);
});

test('a home that cannot be looked at defers, and one that may not be seen is none', async () => {
  const accounts = accountsOf(account('joe', 503), alias);
  for (const code of ['EIO', 'ESTALE', 'ETIMEDOUT', 'ENOTCONN', 'EMFILE', 'ENOMEM']) {
    const found = await users(accounts, { '/home/joe': code }).find('joe');
    ok(!found.ok && found.trouble === 'home' && found.answer.verdict === 'Z', code);
  }
  for (const code of ['EACCES', 'ENOTDIR', 'ELOOP']) {
    deepStrictEqual(await answers(users(accounts, { '/home/joe': code }), 'joe'), ['alias - joe'], code);
  }
});

test('accounts that cannot be asked defer, and so does a missing alias user', async () => {
  const failing = { find: () => Promise.reject(new SystemError('EIO', 'getent failed')) };
  const found = await users(failing, {}).find('joe');
  ok(!found.ok);
  deepStrictEqual(
    [found.trouble, found.answer],
    ['accounts', { verdict: 'Z', text: 'Unable to look up accounts: getent failed (#4.3.0)\n' }],
  );
  const lonely = await users(accountsOf(), {}).find('joe');
  ok(!lonely.ok);
  deepStrictEqual([lonely.trouble, lonely.answer.verdict], ['alias', 'Z']);
});

test('homes are looked at where they are', { skip: !isRoot && 'needs root' }, async () => {
  const home = temporaryDirectory();
  const accounts = accountsOf(account('joe', 503, { home }), alias);
  const find = () => createPasswordUsers({ accounts, aliasName: 'alias', memory });
  deepStrictEqual(await answers(find(), 'joe'), ['alias - joe']);
  chownSync(home, 503, 503);
  deepStrictEqual(await answers(find(), 'joe'), ['joe  ']);
});
