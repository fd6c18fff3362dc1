import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openPolicyStore } from '../../../src/remote/mta-sts/policy-store.ts';
import { temporaryDirectory } from '../../support/home.ts';

const text = 'version: STSv1\r\nmode: enforce\r\nmx: a\r\nmax_age: 10\r\n';

test('a policy is kept as long as it holds, and by whoever comes next', () => {
  const directory = `${temporaryDirectory()}/mta-sts`;
  const store = openPolicyStore(directory);
  strictEqual(store.read('d.test', 0), undefined);
  store.write('d.test', { id: '1', fetchedMs: 1000, text });
  store.write('d.test', { id: '2', fetchedMs: 2000, text });
  const { policy, ...kept } = openPolicyStore(directory).read('d.test', 11_999) ?? {};
  deepStrictEqual(kept, { id: '2', fetchedMs: 2000, text });
  deepStrictEqual(policy?.hosts, ['a']);
  deepStrictEqual(readdirSync(directory), ['d.test']);
  strictEqual(statSync(directory).mode & 0o777, 0o700);
  strictEqual(store.read('d.test', 12_000), undefined);
  strictEqual(existsSync(`${directory}/d.test`), false);
});

test('what is no policy is forgotten, and a place that cannot be used is said', () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/d.test`, 'x');
  strictEqual(openPolicyStore(directory).read('d.test', 0), undefined);
  writeFileSync(`${directory}/file`, '');
  const store = openPolicyStore(`${directory}/file`);
  throws(() => store.read('d.test', 0), /ENOTDIR/);
  throws(() => store.write('d.test', { id: '1', fetchedMs: 0, text }), /EEXIST|ENOTDIR/);
});
