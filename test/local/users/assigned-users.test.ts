import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeCdb } from '../../../src/cdb/index.ts';
import { createAssignedUsers } from '../../../src/local/users/assigned-users.ts';
import { usersHome } from '../../support/users.ts';

type Assignments = Readonly<Record<string, string>>;

/** Writes users/cdb from keys and colon-separated data. */
function assign(path: string, wildcards: string, assignments: Assignments): void {
  const records = Object.entries(assignments).map(
    ([key, data]) => [key, data.replaceAll(':', '\0')] as const,
  );
  writeCdb({ path, temporary: `${path}.tmp` }, [...records, ['', wildcards]]);
}

const joe = { user: 'joe', uid: 503, gid: 78, home: '/home/joe', dash: '', extension: '' };

const assignments: Assignments = {
  '!joe\0': 'joe:503:78:/home/joe::',
  '!joe-': 'joe:503:78:/home/joe:-:',
  '!joe-list-': 'list:504:79:/home/list:-:pre-',
  '!': 'alias:7790:2108:/var/qmail/alias:-:',
};

test('an address, prefixes with the longest first, and the rest', () => {
  const path = `${usersHome()}/users/cdb`;
  assign(path, '-', assignments);
  const users = createAssignedUsers(path);
  deepStrictEqual(users.find('JOE'), joe);
  deepStrictEqual(users.find('joe-A.b'), { ...joe, dash: '-', extension: 'A.b' });
  deepStrictEqual(users.find('joe-'), { ...joe, dash: '-' });
  deepStrictEqual(users.find('Joe-List-X'), {
    user: 'list',
    uid: 504,
    gid: 79,
    home: '/home/list',
    dash: '-',
    extension: 'pre-X',
  });
  const { extension, user } = users.find('joe+X') ?? {};
  deepStrictEqual([user, extension], ['alias', 'joe+X']);
  users.close();
});

test('a prefix counts only where its last byte is one with which prefixes end', () => {
  const path = `${usersHome()}/users/cdb`;
  assign(path, '+', { '!joe-': 'joe:1:1:/::', '!joe+': 'plus:1:1:/::' });
  const users = createAssignedUsers(path);
  strictEqual(users.find('joe-x'), undefined);
  strictEqual(users.find('joe+x')?.user, 'plus');
  users.close();
});

test('what is found is what a search by the rules finds', () => {
  const path = `${usersHome()}/users/cdb`;
  const words = fc.string({ unit: fc.constantFrom('a', 'b', '-', '+'), maxLength: 5 });
  const rules = fc.record({ exact: fc.uniqueArray(words), prefixes: fc.uniqueArray(words) });
  fc.assert(
    fc.property(rules, fc.array(words, { minLength: 1 }), ({ exact, prefixes }, locals) => {
      const ends = new Set(prefixes.map((prefix) => prefix.slice(-1)));
      assign(path, [...ends].join(''), {
        ...Object.fromEntries(exact.map((word) => [`!${word}\0`, `=${word}:1:1:/::`])),
        ...Object.fromEntries(prefixes.map((word) => [`!${word}`, `+${word}:1:1:/::`])),
      });
      const users = createAssignedUsers(path);
      for (const local of locals) {
        const prefix = prefixes
          .filter((word) => local.startsWith(word))
          .sort((a, b) => b.length - a.length)[0];
        const byPrefix = prefix === undefined ? undefined : [`+${prefix}`, local.slice(prefix.length)];
        const found = users.find(local);
        deepStrictEqual(
          found && [found.user, found.extension],
          exact.includes(local) ? [`=${local}`, ''] : byPrefix,
        );
      }
      users.close();
    }),
    { numRuns: 60 },
  );
});

test('a database that is replaced, changed, removed or made is seen at once', () => {
  const path = `${usersHome()}/users/cdb`;
  const users = createAssignedUsers(path);
  strictEqual(users.find('joe'), undefined);
  assign(path, '', { '!joe\0': 'one:1:1:/::' });
  strictEqual(users.find('joe')?.user, 'one');
  assign(path, '', { '!joe\0': 'two:1:1:/::' });
  strictEqual(users.find('joe')?.user, 'two');
  const before = statSync(path);
  assign(`${path}.other`, '', { '!joe\0': 'six:1:1:/::' });
  rmSync(path);
  strictEqual(users.find('joe'), undefined);
  mkdirSync(path);
  throws(() => users.find('joe'), { code: 'EPROTO' });
  rmdirSync(path);
  assign(path, '', { '!joe\0': 'ten:1:1:/::' });
  utimesSync(path, before.atime, before.mtime);
  strictEqual(users.find('joe')?.user, 'ten');
  users.close();
});

test('a database that is damaged, or none of ours, says so every time', () => {
  const path = `${usersHome()}/users/cdb`;
  const users = createAssignedUsers(path);
  writeFileSync(path, 'no cdb');
  for (let time = 0; time < 2; time += 1) throws(() => users.find('joe'), { code: 'EPROTO' });
  writeCdb({ path, temporary: `${path}.tmp` }, [['!joe\0', 'joe\x00503\x0078\0/\0\0']]);
  throws(() => users.find('joe'), /not made by qmail-newu/);
  users.close();
});

test('numbers are numbers', () => {
  const path = `${usersHome()}/users/cdb`;
  const users = createAssignedUsers(path);
  for (const data of ['joe:x:1:/::', 'joe:1:4294967295:/::', 'joe::1:/::', 'joe:1:1:/:', 'joe', '']) {
    assign(path, '', { '!joe\0': data });
    throws(() => users.find('joe'), { code: 'EPROTO' }, data);
  }
  assign(path, '', { '!joe\0': 'joe:4294967294:0:/::' });
  deepStrictEqual(users.find('joe'), { ...joe, uid: 4294967294, gid: 0, home: '/' });
  users.close();
});
