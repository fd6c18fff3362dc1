import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeCdb } from '../../../src/cdb/index.ts';
import { createUsers } from '../../../src/local/users/index.ts';
import { account, accountsOf, owners, usersHome } from '../../support/users.ts';

const accounts = [account('joe', 503), account('alias', 7790), account('toor', 0)];
const homes = { '/home/joe': 503, '/home/toor': 0 };

function setUp(assigned?: Readonly<Record<string, string>>) {
  const home = usersHome();
  if (assigned !== undefined) {
    const records = Object.entries(assigned).map(([key, data]) => [key, data.replaceAll(':', '\0')] as const);
    writeCdb({ path: `${home}/users/cdb`, temporary: `${home}/users/cdb.tmp` }, [...records, ['', '-']]);
  }
  let nowMs = 0;
  const asked = accountsOf(...accounts);
  const users = createUsers({ home, accounts: asked, now: () => nowMs, ownerOf: owners(homes) });
  const pass = (milliseconds: number) => {
    nowMs += milliseconds;
  };
  return { home, users, asked: asked.asked, pass };
}

async function who(users: ReturnType<typeof setUp>['users'], local: string): Promise<string> {
  const found = await users.find(local);
  return found.ok ? `${found.user}${found.dash}${found.extension}` : found.answer.verdict + found.trouble;
}

test('users/cdb first, then the accounts, then the alias user', async () => {
  const { users } = setUp({
    '!ann\0': 'ann:504:504:/home/ann::',
    '!joe-list-': 'ann:504:504:/home/ann:-:l-',
  });
  strictEqual(await who(users, 'ann'), 'ann');
  strictEqual(await who(users, 'joe-list-X'), 'ann-l-X');
  strictEqual(await who(users, 'joe-other'), 'joe-other');
  strictEqual(await who(users, 'ann-x'), 'alias-ann-x');
  users.close();
});

test('root gets nothing, whoever says so', async () => {
  const { users } = setUp({ '!boss\0': 'root:0:0:/root::', '!zero\0': 'root:00:0:/root::' });
  strictEqual(await who(users, 'boss'), 'Zroot');
  strictEqual(await who(users, 'zero'), 'Zroot');
  strictEqual(await who(users, 'toor'), 'alias-toor');
  users.close();
  const rootAlias = createUsers({ home: usersHome(), accounts: accountsOf(account('alias', 0)) });
  strictEqual(await who(rootAlias, 'joe'), 'Zroot');
});

test('trouble with users/cdb defers, and passes', async () => {
  const { home, users } = setUp();
  writeFileSync(`${home}/users/cdb`, 'damaged');
  strictEqual(await who(users, 'joe'), 'Zdatabase');
  const found = await users.find('joe');
  ok(!found.ok && found.answer.text.startsWith('Trouble reading users/cdb: '));
  writeCdb({ path: `${home}/users/cdb`, temporary: `${home}/users/cdb.tmp` }, [['', '']]);
  strictEqual(await who(users, 'joe'), 'joe');
  users.close();
});

test('addresses that are none or too long', async () => {
  const { users, asked } = setUp();
  strictEqual(await who(users, ''), 'Daddress');
  strictEqual(await who(users, 'x'.repeat(2001)), 'Daddress');
  strictEqual(await who(users, 'x'.repeat(2000)), `alias-${'x'.repeat(2000)}`);
  deepStrictEqual(asked, ['alias']);
});

test('accounts are remembered for a few seconds, and so is that there is none', async () => {
  const { users, asked, pass } = setUp();
  for (let time = 0; time < 3; time += 1) {
    strictEqual(await who(users, 'joe'), 'joe');
    strictEqual(await who(users, 'ann'), 'alias-ann');
  }
  deepStrictEqual(asked, ['joe', 'ann', 'alias']);
  pass(5000);
  strictEqual(await who(users, 'joe'), 'joe');
  deepStrictEqual(asked, ['joe', 'ann', 'alias', 'joe']);
});

test('an address without end, and with every separator, costs little', async () => {
  const { users, asked } = setUp({ '!joe-': 'joe:503:503:/home/joe:-:' });
  const local = '-'.repeat(2000);
  strictEqual(await who(users, local), `alias-${local}`);
  ok(asked.length <= 32);
  users.close();
});

test('what is remembered is found in microseconds', async () => {
  const { users } = setUp({ '!ann\0': 'ann:504:504:/home/ann::' });
  await users.find('joe-list');
  const times = 2000;
  const startedNs = process.hrtime.bigint();
  for (let time = 0; time < times; time += 1) await users.find('joe-list');
  const eachUs = Number(process.hrtime.bigint() - startedNs) / times / 1000;
  console.log(`a look-up that is remembered: ${eachUs.toFixed(1)} microseconds`);
  // A process of getent costs thousands.
  ok(eachUs < 500, `${eachUs} microseconds`);
  users.close();
});
