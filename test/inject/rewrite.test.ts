/** What becomes of one address. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRewrite } from '../../src/inject/rewrite.ts';
import { addressText, tokenise } from '../../src/mail/index.ts';

const rewrite = createRewrite({
  host: tokenise('@host.example') ?? [],
  domain: tokenise('.domain.example') ?? [],
  plus: tokenise('.plus.example') ?? [],
});

const cases: readonly (readonly [string, string])[] = [
  ['joe@a.b', 'joe@a.b'],
  ['joe', 'joe@host.example'],
  ['joe@mail', 'joe@mail.domain.example'],
  ['joe@mail+', 'joe@mail.plus.example'],
  ['joe@mail.sub+', 'joe@mail.sub.plus.example'],
  ['joe+', 'joe+@host.example'],
  ['joe@"mail+"', 'joe@mail+.domain.example'],
  ['joe@+', 'joe@.plus.example'],
  ['joe@[1.2.3.4]', 'joe@[1.2.3.4]'],
  ['a.b', 'a.b@host.example'],
  ['a.b@c', 'a.b@c.domain.example'],
  ['@x.y,@z:joe@a.b', 'joe@a.b'],
  ['@x.y', ''],
  ['joe@', 'joe@host.example'],
  ['joe@a.b.', 'joe@a.b'],
  ['joe.@', 'joe.@host.example'],
  ['@', ''],
  ['.', ''],
  ['', ''],
  ['list-@x-@[]', 'list-@x-@[]'],
  ['joe@a (c)', 'joe@a.domain.example'],
];

for (const [address, expected] of cases) {
  test(`${address || 'nothing'} becomes ${expected || 'nothing'}`, () => {
    strictEqual(addressText(rewrite(tokenise(address) ?? [])), expected);
  });
}

test('a default host is completed too', () => {
  const short = createRewrite({
    host: tokenise('@short+') ?? [],
    domain: tokenise('.domain') ?? [],
    plus: tokenise('.plus') ?? [],
  });
  strictEqual(addressText(short(tokenise('joe') ?? [])), 'joe@short.plus');
});
