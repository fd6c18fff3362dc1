import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  findLogin,
  formatEntry,
  isPossibleName,
  nameBytesMax,
  parsePasswordFile,
} from '../../../src/serve/passwords/password-file.ts';
import { makeScryptHash } from '../../../src/serve/passwords/scrypt-hash.ts';

const hash = makeScryptHash('secret', { ln: 1, r: 1, p: 1 });
const joe = { name: 'joe', hash, user: '', home: '' };

test('entries, with and without account and home', () => {
  const text = `# who may read\n\njoe:${hash}\njim:${hash}:vmail\njane:${hash}::/home/jane\njo:${hash}:vmail:/mail/jo\n`;
  deepStrictEqual(parsePasswordFile(text), [
    joe,
    { ...joe, name: 'jim', user: 'vmail' },
    { ...joe, name: 'jane', home: '/home/jane' },
    { ...joe, name: 'jo', user: 'vmail', home: '/mail/jo' },
  ]);
  strictEqual(parsePasswordFile(text).map(formatEntry).join(''), text.slice(text.indexOf('joe')));
});

test('a line that makes no sense is an error that says which, and shows no hash', () => {
  for (const line of [
    'joe',
    'joe:',
    'joe:secret',
    `:${hash}`,
    `jo e:${hash}`,
    `joe:${hash}:::`,
    `joe:${hash}:joe:home`,
    `${'j'.repeat(nameBytesMax + 1)}:${hash}`,
  ])
    throws(
      () => parsePasswordFile(`jim:${hash}\n${line}\n`),
      { message: /^entry 2 is not understood: [^$]*$/ },
      line,
    );
});

test('names that cannot stand in the file', () => {
  for (const name of ['', '#joe', 'jo:e', 'jo e', 'joe\n', 'jo\0e', 'jo\te'])
    strictEqual(isPossibleName(name), false);
  for (const name of ['joe', 'joe@example.org', '-joe', 'jo#e', 'J\xf6'])
    strictEqual(isPossibleName(name), true);
});

test('the one who has the password', () => {
  const entries = [joe, { ...joe, name: 'jim' }];
  deepStrictEqual(findLogin(entries, 'joe', 'secret'), joe);
  for (const [name, password] of [
    ['joe', 'Secret'],
    ['joe', ''],
    ['Joe', 'secret'],
    ['nobody', 'secret'],
    ['nobody', ''],
    ['', ''],
  ] as const)
    strictEqual(findLogin(entries, name, password), undefined);
});
