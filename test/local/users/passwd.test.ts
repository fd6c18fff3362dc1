import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { findInPasswd, parsePasswdLine } from '../../../src/local/users/passwd.ts';

const joe = { name: 'joe', uid: 503, gid: 78, home: '/home/joe', shell: '/bin/sh' };

test('an entry', () => {
  deepStrictEqual(parsePasswdLine('joe:x:503:78:Joe,,,:/home/joe:/bin/sh'), joe);
  deepStrictEqual(parsePasswdLine('joe::503:78::/home/joe:'), { ...joe, shell: '' });
  deepStrictEqual(parsePasswdLine('joe::503:78::/home/joe'), { ...joe, shell: '' });
});

test('lines that are none', () => {
  const lines = [
    '',
    'joe',
    ':x:1:1::/:',
    'joe:x:-1:78::/:',
    'joe:x:1:4294967295::/:',
    'joe:x:1:1:',
    '+::::::',
  ];
  for (const line of lines) strictEqual(parsePasswdLine(line), undefined, line);
});

test('the first entry of a name in a file', () => {
  const text = 'root:x:0:0::/root:\njoey:x:1:1::/:\njoe:x:503:78::/home/joe:/bin/sh\njoe:x:9:9::/:\n';
  deepStrictEqual(findInPasswd(text, 'joe'), joe);
  strictEqual(findInPasswd(text, 'jo'), undefined);
  strictEqual(findInPasswd('', 'joe'), undefined);
});
