import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { findForwarding } from '../../src/alias/forwarding.ts';
import { aliasLimits } from '../../src/alias/limits.ts';
import { linesOf } from '../support/lines-of.ts';

type Texts = Readonly<Record<string, string>>;

function find(records: Texts, recipient: string, { sender = 's@x', lists = {} as Texts } = {}) {
  const met: string[] = [];
  const base = {
    get: (key: string) => records[key],
    list: (path: string) => linesOf(lists[path] ?? '', '\0'),
  };
  const found = findForwarding(base, { sender, recipient, programMet: (program) => void met.push(program) });
  if (found !== undefined) deepStrictEqual(met, found.programs);
  return found;
}

test('the targets of an address, the first one counts', () => {
  const all = { ':a@b': '&1\0', ':@b': '&2\0', ':a@': '&3\0' };
  strictEqual(find(all, 'A@B')?.recipients[0], '1');
  strictEqual(find({ ...all, ':a@b': undefined as unknown as string }, 'a@b')?.recipients[0], '2');
  strictEqual(find({ ':a@': '&3\0' }, 'a@b')?.recipients[0], '3');
  strictEqual(find(all, 'c@d'), undefined);
  strictEqual(find({ ':a': '&1\0' }, 'a')?.recipients[0], '1');
  strictEqual(find({ ':a@b@': '&1\0' }, 'a@b@c')?.recipients[0], '1');
});

test('addresses are followed, wildcards are not, and nobody gets it twice', () => {
  const records = { ':a@b': '&c@d\0&e@f\0&g@h\0', ':c@d': '&e@f\0&i@j\0', ':@h': '&no\0', ':i@j': '&a@b\0' };
  deepStrictEqual(find(records, 'a@b')?.recipients, ['e@f', 'g@h']);
});

test('lists are read, and programs in them are not run', () => {
  const lists = { '/l': '&x@y\0|no\0./m\0!no\0unknown\0', './m': '&z@y\0/l\0' };
  deepStrictEqual(find({ ':a@b': '/l\0|yes\0' }, 'a@b', { lists }), {
    sender: 's@x',
    programs: ['|yes'],
    recipients: ['x@y', 'z@y'],
  });
});

test('bounces go to the owner, but never those of a bounce', () => {
  const records = { ':@b': '&x@y\0', '?@b': 'o@p' };
  strictEqual(find(records, 'a@b')?.sender, 'o@p');
  strictEqual(find(records, 'a@b', { sender: '' })?.sender, '');
  strictEqual(find(records, 'a@b', { sender: '#@[]' })?.sender, '#@[]');
});

test('a target with an owner gets the message as a message of its own', () => {
  const records = { ':a@b': '&l@b\0', ':l@b': '&x@y\0', '?l@b': 'o@p' };
  deepStrictEqual(find(records, 'a@b')?.recipients, ['l@b']);
  deepStrictEqual(find(records, 'l@b')?.recipients, ['x@y']);
});

test('what could lose somebody is put off', () => {
  const put = (records: Texts, lists: Texts = {}) =>
    throws(() => find(records, 'a@b', { lists }), { verdict: 'Z' });
  put({ ':a@b': '&x@y\0&cut' });
  put({ ':a@b': `&${'x'.repeat(899)}\0` });
  put({ ':a@b': '/l\0' }, { '/l': 'a text\nand no list\n' });
  put({ ':a@b': '/l\0' }, { '/l': `&${'x'.repeat(899)}\0` });
  const many = '&x\0'.repeat(aliasLimits.entriesMax + 1);
  put({ ':a@b': many });
});
