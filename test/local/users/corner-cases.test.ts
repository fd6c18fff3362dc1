/** The corner cases of qmail that concern users, by their numbers in the list of those that are commonly got wrong. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCdb, writeCdb } from '../../../src/cdb/index.ts';
import { createUsers } from '../../../src/local/users/index.ts';
import { splitAddress } from '../../../src/mail/index.ts';
import { textOf } from '../../../src/system/index.ts';
import { cdbLines, tinyCdb } from '../../support/cdb.ts';
import { findProgram, needs } from '../../support/foreign.ts';
import { account, accountsOf, owners, usersHome } from '../../support/users.ts';

const alias = account('alias', 7790);

test('corner case 39: mail for @host is refused, where the original says yes and delivers it to nobody', async () => {
  const { local, domain } = splitAddress('@ref.test');
  deepStrictEqual([local, domain], ['', 'ref.test']);
  // Neither the alias user nor an assignment for everything gets it.
  const home = usersHome();
  writeCdb({ path: `${home}/users/cdb`, temporary: `${home}/tmp` }, [
    ['!', 'alias\x007790\x007790\0/home/alias\0-\0'],
    ['', ''],
  ]);
  const users = createUsers({ home, accounts: accountsOf(alias) });
  const found = await users.find(local);
  ok(!found.ok);
  strictEqual(found.answer.verdict, 'D');
  match(found.answer.text, /\(#5\.1\.3\)\n$/);
  users.close();
});

test('corner case 39: an address without @ has no host', () => {
  deepStrictEqual(splitAddress('joe'), { local: 'joe', domain: undefined });
});

test('corner case 40: a user owns the home, is never root, and has no capitals', async () => {
  const accounts = accountsOf(account('joe', 503), account('other', 504), account('root', 0), alias);
  const capitals = account('Ann', 505);
  const users = createUsers({
    home: usersHome(),
    accounts: {
      find: async (name) => (name === capitals.name ? capitals : await accounts.find(name)),
    },
    ownerOf: owners({ '/home/joe': 503, '/home/other': 503, '/home/root': 0, '/home/Ann': 505 }),
  });
  const whose = async (local: string) => {
    const found = await users.find(local);
    return found.ok ? found.user : found.trouble;
  };
  strictEqual(await whose('joe'), 'joe');
  strictEqual(await whose('JOE'), 'joe');
  strictEqual(await whose('other'), 'alias');
  strictEqual(await whose('root'), 'alias');
  strictEqual(await whose('Ann'), 'alias');
});

const assignments = [
  ['!joe\0', 'joe\x00503\x0078\0/home/joe\0\0'],
  ['!joe-', 'joe\x00503\x0078\0/home/joe\0-\0'],
  ['!', 'alias\x007790\x002108\0/home/alias\0-\0'],
  ['', '-'],
] as const;

test("corner case 41: users are found in what others' tools wrote", needs('cdb'), async () => {
  const home = usersHome();
  execFileSync('cp', [tinyCdb(assignments), `${home}/users/cdb`]);
  const users = createUsers({ home, accounts: accountsOf() });
  const found = await users.find('Joe-List');
  ok(found.ok);
  deepStrictEqual(
    [found.user, found.uid, found.gid, found.dash, found.extension],
    ['joe', 503, 78, '-', 'List'],
  );
  const other = await users.find('ann');
  ok(other.ok && other.extension === 'ann');
  users.close();
});

test("corner case 41: others' tools read what we wrote, and the bytes are the same", needs('cdb'), () => {
  const path = `${usersHome()}/users/cdb`;
  writeCdb({ path, temporary: `${path}.tmp` }, assignments);
  const tool = findProgram('cdb') ?? '';
  deepStrictEqual(execFileSync(tool, ['-d', path]), cdbLines(assignments));
  strictEqual(execFileSync(tool, ['-q', path, '!joe-'], { encoding: 'latin1' }), assignments[1][1]);
  deepStrictEqual(readFileSync(path), readFileSync(tinyCdb(assignments)));
  const cdb = openCdb(tinyCdb(assignments));
  strictEqual(textOf(cdb.get('') ?? new Uint8Array()), '-');
  cdb.close();
});
