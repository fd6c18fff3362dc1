import { match, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { exchangeWorld, keyPath } from '../../src/submit/exchange-world.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

test('the key is read when it is asked for', () => {
  const home = temporaryHome();
  const system = { ...nodeSystem([]), env: (name: string) => (name === 'QMAILHOME' ? home : undefined) };
  const { identity, monotonic } = exchangeWorld(system);
  throws(() => identity?.(), /control\/qmqpskey is missing: qmail-enroll makes this host's key/);
  strictEqual(keyPath(system), `${home}/control/qmqpskey`);
  writeFileSync(keyPath(system), 'a key\n');
  strictEqual(identity?.(), 'a key\n');
  match(String(monotonic()), /^\d/);
});
