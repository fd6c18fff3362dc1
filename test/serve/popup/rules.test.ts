import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readPopupRules } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

function read(files: Readonly<Record<string, string>>) {
  return readPopupRules(openControl(nodeSystem([]), temporaryHome(files)));
}

test('the most exact rule counts, and who has none may connect', () => {
  const ips = ['192.0.2.7', '192.0.2.8', '198.51.100.1', '2001:db8::7', '2001:db9::7'];
  deepStrictEqual(ips.map(read({})), [true, true, true, true, true]);
  const pop3rules = '192.0.2.7:deny\n192.0.2.:allow\n198.:deny\n[2001:db8::/32]:deny\n';
  deepStrictEqual(ips.map(read({ pop3rules })), [false, true, false, false, true]);
  deepStrictEqual(ips.map(read({ pop3rules: '192.0.2.7:allow\n:deny\n' })), [
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('what cannot be a rule here is none', () => {
  throws(
    () => read({ pop3rules: '192.0.2.7:allow,RELAYCLIENT=""\n' }),
    /pop3rules: .*192\.0\.2\.7 sets variables/,
  );
  throws(() => read({ pop3rules: '=host.test:allow\n' }), /pop3rules: names of clients/);
  throws(() => read({ pop3rules: 'nonsense\n' }), /pop3rules: this line has no colon/);
});
