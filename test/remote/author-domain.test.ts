import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { authorDomain, isDomainName } from '../../src/remote/author-domain.ts';
import { everyText } from '../support/every-text.ts';

test('the author is in the one From field', () => {
  for (const [fields, domain] of [
    [['From: Joe <joe@Example.ORG>\n'], 'example.org'],
    [['To: x@y\n', 'FROM : (c) a@b.c, d@e.f\n'], 'b.c'],
    [['From: g: a@b.c, d@e.f;\n'], 'b.c'],
    [['From: "a@b"@c.d\n'], 'c.d'],
    [['From: x@b\xc3\xbccher.example\n'], 'xn--bcher-kva.example'],
    [[], undefined],
    [['From: a@b\n', 'from: c@d\n'], undefined],
    [['From: joe\n'], undefined],
    [['From: "\n'], undefined],
    [['From: <>\n'], undefined],
    [['From: a@[192.0.2.1]\n'], undefined],
    [['From: a@../../etc\n'], undefined],
    [['From: a@x/y\n'], undefined],
    [['From: a@\xff\n'], undefined],
  ] as const) {
    strictEqual(authorDomain(fields), domain, fields.join(''));
  }
});

test('a name leads to no other directory', () => {
  for (const name of [
    '',
    '.',
    '..',
    'a..b',
    '.a',
    'a.',
    'a/b',
    'a\0b',
    'A.b',
    'x'.repeat(64),
    'a.'.repeat(130),
  ])
    strictEqual(isDomainName(name), false, name);
  for (const name of ['a', 'a-b.c_d.9', 'x'.repeat(63)]) strictEqual(isDomainName(name), true, name);
});

test('every text of a few letters is labels with dots between them, or no name', () => {
  for (const text of everyText('a-./@'))
    strictEqual(isDomainName(text), /^[a-]+(\.[a-]+)*$/.test(text), text);
});
