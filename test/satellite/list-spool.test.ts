import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { listSpool } from '../../src/satellite/later.ts';
import { entriesIn } from '../../src/satellite/list-spool.ts';
import { testSpool } from '../support/spool.ts';

test('each message with its envelope, the oldest first, then those that were set aside', () => {
  const spool = testSpool([]);
  deepStrictEqual([...listSpool(spool.system, spool.settings)], []);
  spool.keep('b', { nowMs: 2000, sender: 'b@x' });
  spool.keep('a', { nowMs: 1000, sender: 'a@x', unknownAt: ['192.0.2.1:628'] });
  spool.keep('c', { nowMs: 500, sender: 'c@x' });
  const { directory } = spool.settings;
  const [oldest = ''] = spool.names();
  renameSync(`${directory}/queue/${oldest}`, `${directory}/failed/${oldest}`);
  const found = [...listSpool(spool.system, spool.settings)];
  deepStrictEqual(
    found.map(({ envelope, isFailed, entry }) => [envelope?.sender, isFailed, entry.unknownAt]),
    [
      ['a@x', false, ['192.0.2.1:628']],
      ['b@x', false, []],
      ['c@x', true, []],
    ],
  );
  deepStrictEqual(found[0]?.envelope?.recipients, ['r@y']);
});

test('one that cannot be read is listed with the reason', () => {
  const spool = testSpool([]);
  spool.keep('a');
  const queue = `${spool.settings.directory}/queue`;
  writeFileSync(`${queue}/${spool.names()[0]}`, 'nonsense');
  writeFileSync(`${queue}/README`, '');
  const [only, ...more] = listSpool(spool.system, spool.settings);
  deepStrictEqual([only?.envelope, more], [undefined, []]);
  match(only?.problem ?? '', /no QMQP package/);
  strictEqual(entriesIn(spool.system, queue).length, 1);
});
