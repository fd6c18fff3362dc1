import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readForwardFile } from '../../src/alias/forward-file.ts';
import { linesOf } from '../support/lines-of.ts';

const completion = { host: 'h.x', domain: 'd.x', plus: 'p.x' };

function read(text: string, owner = { user: 'joe', host: 'here' }) {
  const { steps, direct } = readForwardFile(linesOf(text), owner, completion);
  return [steps.map((step) => `${step.kind} ${step.text}`), direct];
}

test('addresses and programs in the order in which they are met', () => {
  deepStrictEqual(read('a, "|b c"\n# no\nd@e.f'), [['program b c', 'address a@h.x', 'address d@e.f'], false]);
  deepStrictEqual(read(''), [[], false]);
});

test('oneself, in any case of letters', () => {
  deepStrictEqual(read('\\Joe'), [[], true]);
  deepStrictEqual(read('JOE@HERE, a'), [['address a@h.x'], true]);
  deepStrictEqual(read('joe@there'), [['address joe@there.d.x'], false]);
  deepStrictEqual(read('<>', { user: '', host: '' }), [[], false]);
});

test('what is refused for now', () => {
  for (const text of ['/var/mail/joe', ':include:/l', '"a\0"', '('])
    throws(() => read(text), { verdict: 'Z' });
});
