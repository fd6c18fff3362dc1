import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { createPrepare, createWireText } from '../../src/remote/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { judgedByOpendkim, keepKeys, makeTestKey } from '../support/dkim.ts';
import { needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';

test('a message is signed by the domain that its author is masqueraded as', needs('opendkim'), async () => {
  const system = nodeSystem([]);
  const home = temporaryHome({ masquerade: '.local:example.org\n' });
  const keys = [makeTestKey('example.org', 's', 'ed25519')];
  keepKeys(home, keys);
  const prepare = createPrepare(system, openControl(system, home));
  const body = messageBody('From: root@box.local\nSubject: cron\n\nout\n');
  const sent = await prepare({ sender: 'root@box.local', recipients: ['r@world.example'], body });
  strictEqual(sent.sender, 'root@example.org');
  const wire = createWireText({ forData: false });
  const text = Buffer.concat([...[...sent.body.chunks()].map((piece) => wire.push(piece)), wire.end()]);
  deepStrictEqual(judgedByOpendkim(text, keys), ['ed25519-sha256 pass']);
});
