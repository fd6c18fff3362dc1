import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readClientRules } from '../../../src/serve/smtp/client-rules.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const read = (files: Readonly<Record<string, string>>) =>
  readClientRules(openControl(nodeSystem([]), temporaryHome(files)));

test('whom no rule denies may connect, and may what its rule says', () => {
  const rules = read({
    smtprules:
      '192.0.2.7:allow,RELAYCLIENT="",DATABYTES="100"\n198.51.100.:deny\n[2001:db8::/32]:allow,QMAILQUEUE="/q"\n',
  });
  const allowed = { allowed: true, relayClient: undefined, messageBytesMax: undefined, variables: {} };
  deepStrictEqual(rules.of('203.0.113.1'), allowed);
  deepStrictEqual(rules.of('192.0.2.7'), {
    allowed: true,
    relayClient: '',
    messageBytesMax: 100,
    variables: { RELAYCLIENT: '', DATABYTES: '100' },
  });
  strictEqual(rules.of('198.51.100.3').allowed, false);
  deepStrictEqual(rules.of('2001:db8::5'), { ...allowed, variables: { QMAILQUEUE: '/q' } });
  deepStrictEqual(read({}).of('127.0.0.1'), allowed);
});

test('a rule that makes no sense lets nobody start', () => {
  throws(() => read({ smtprules: '192.0.2.7\n' }), /smtprules/);
});
