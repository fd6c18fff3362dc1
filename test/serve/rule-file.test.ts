import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { readRuleFile } from '../../src/serve/rule-file.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const read = (files: Readonly<Record<string, string>>) =>
  readRuleFile(openControl(nodeSystem([]), temporaryHome(files)), 'rules');

test('rules by address, or none without the file', () => {
  strictEqual(read({}), undefined);
  const rules = read({ rules: '# for us\n192.0.2.:allow,A="b"\n:deny\n' });
  deepStrictEqual([...(rules?.byAddress.keys() ?? [])], ['192.0.2.', '']);
});

test('what makes no sense, or asks for names, is named with its file', () => {
  throws(() => read({ rules: 'no colon\n' }), /control\/rules: this line has no colon: no colon/);
  throws(() => read({ rules: '192.0.2.1:perhaps\n' }), /control\/rules: .*192\.0\.2\.1:perhaps/);
  for (const line of ['=host.example:allow', '=:allow', 'user@192.0.2.1:allow'])
    throws(() => read({ rules: `${line}\n` }), /control\/rules: names of clients are not asked for here/);
});
