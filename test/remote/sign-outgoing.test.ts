/** Messages as they leave, judged by OpenDKIM (issue: the world, 1). */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { createSigning, createWireText, type Outgoing } from '../../src/remote/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { judgedByOpendkim, keepKeys, makeTestKey } from '../support/dkim.ts';
import { needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';

const system = nodeSystem([]);
const keys = [makeTestKey('example.org', 'r', 'rsa'), makeTestKey('example.org', 'e', 'ed25519')];

function signingWith(home: string) {
  return createSigning(system, openControl(system, home));
}

function homeWithKeys(): string {
  const home = temporaryHome({});
  keepKeys(home, keys);
  return home;
}

const outgoing = (text: string): Outgoing => ({
  sender: 's@example.org',
  recipients: ['r@world.example'],
  body: messageBody(text, [11]),
});

/** As it goes over the wire, without dots of SMTP's. */
function wireOf({ body }: Outgoing): Buffer {
  const wire = createWireText({ forData: false });
  return Buffer.concat([...[...body.chunks()].map((piece) => wire.push(piece)), wire.end()]);
}

for (const text of [
  'From: a@example.org\nTo: b@c\n\n.\n..\nx\n\n',
  'From: a@box.example.org\nSubject: no last line end\n\nlast',
  'From: a@example.org\r\nSubject: CR LF, and a bare CR\r\n\r\na\rb\r\n',
  'From: a@example.org\nSubject: no body\n',
]) {
  test(`both signatures hold on the wire: ${JSON.stringify(text)}`, needs('opendkim'), async () => {
    const sent = await signingWith(homeWithKeys())(outgoing(text));
    deepStrictEqual(judgedByOpendkim(wireOf(sent), keys), ['ed25519-sha256 pass', 'rsa-sha256 pass']);
    strictEqual(sent.body.sizeBytes, Buffer.concat([...sent.body.chunks()]).length);
  });
}

test('what is not signed is handed on untouched', async () => {
  const signing = signingWith(homeWithKeys());
  for (const text of [
    'From: a@example.com\n\n',
    'To: a@example.org\n\n',
    'From: a@example.org\nFrom: b@example.org\n\n',
  ]) {
    const message = outgoing(text);
    strictEqual(await signing(message), message);
  }
  const message = outgoing('From: a@example.org\n\n');
  strictEqual(await signingWith(temporaryHome({}))(message), message);
});

test('a key that cannot be used defers the message, and is named', async () => {
  const home = temporaryHome({});
  mkdirSync(`${home}/control/dkim/example.org`, { recursive: true });
  writeFileSync(`${home}/control/dkim/example.org/x.key`, 'no key');
  await rejects(signingWith(home)(outgoing('From: a@example.org\n\n')), /the key x of example\.org/);
});
