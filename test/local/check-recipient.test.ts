import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkedNamesMax, checkRecipient } from '../../src/local/check-recipient.ts';
import { createUsers } from '../../src/local/users/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { account, accountsOf, owners, usersHome } from '../support/users.ts';

/** A host with joe and alias, who have these .qmail files. */
function hostWith(files: Readonly<Record<'joe' | 'alias', readonly string[]>>) {
  const top = temporaryDirectory();
  const home = (name: string) => `${top}/${name}`;
  for (const [name, own] of Object.entries(files)) {
    mkdirSync(home(name));
    for (const file of own) writeFileSync(`${home(name)}/.qmail${file}`, '');
  }
  const users = createUsers({
    home: usersHome(),
    accounts: accountsOf(
      account('joe', 503, { home: home('joe') }),
      account('alias', 7790, { home: home('alias') }),
      account('locked', 505),
    ),
    ownerOf: owners({ [home('joe')]: 503, [home('alias')]: 7790, '/home/locked': 'EIO' }),
  });
  return {
    home,
    check: async (...addresses: readonly string[]) =>
      (await Promise.all(addresses.map((address) => checkRecipient(users, `${address}@hub.test`))))
        .map(({ verdict }) => verdict)
        .join(''),
  };
}

test('a user is there without a file, an extension with one, and nobody else', async () => {
  const { check } = hostWith({ joe: ['-list', '-a:b', '-shop-default'], alias: ['-root'] });
  strictEqual(
    await check('joe', 'JOE', 'joe-list', 'Joe-LIST', 'joe-a.b', 'joe-shop-x', 'joe-shop-', 'root'),
    'KKKKKKKK',
  );
  strictEqual(
    await check('joe-other', 'joe-lis', 'joe-shop', 'nobody', 'alias-root-x', 'joe-', 'joe-../../x'),
    'DDDDDDD',
  );
});

test('a default of the alias user is for everybody', async () => {
  strictEqual(await hostWith({ joe: [], alias: ['-default'] }).check('nobody', 'joe-x', 'x-y'), 'KDK');
});

test('what cannot be told passes, or is for later', async () => {
  const { check, home } = hostWith({ joe: [], alias: [] });
  strictEqual(await check('locked'), 'Z');
  strictEqual(await check(`joe${'-x'.repeat(checkedNamesMax)}`), 'K');
  // A name that leads nowhere is there: nobody follows it as root.
  symlinkSync('/root/secret', `${home('joe')}/.qmail-link`);
  deepStrictEqual(await check('joe-link', `joe-${'x'.repeat(300)}`), 'KD');
});
