import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readSmtpSettings } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const read = (files: Readonly<Record<string, string>>) =>
  readSmtpSettings(openControl(nodeSystem([]), temporaryHome(files)));

test('the greeting, or the name of this host', () => {
  strictEqual(read({ me: 'hub.test\n' }).name, 'hub.test');
  const { name, me } = read({ me: 'hub.test\n', smtpgreeting: 'mx.test NO UCE\n' });
  strictEqual(name, 'mx.test NO UCE');
  strictEqual(me, 'hub.test');
});

test('a host without a name, and rules that make no sense', () => {
  throws(() => read({}), /control\/me is missing/);
  throws(() => read({ me: 'hub.test\n', smtprules: 'x\n' }), /smtprules/);
});
