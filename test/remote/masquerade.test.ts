/** Senders that the world would refuse (field.md, 3). */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { createMasquerade } from '../../src/remote/masquerade.ts';
import type { Outgoing } from '../../src/remote/outgoing.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';

const masquerade = 'box.local:boxes.example\nroot@box.local:alerts@example.org\n';

const outgoing = (text: string, sender = 'root@box.local', size = 1000): Outgoing => ({
  sender,
  recipients: ['r@world.example'],
  body: messageBody(text, [size]),
});

const textOf = ({ body }: Outgoing) =>
  Buffer.concat([...body.chunks()].map((piece) => Buffer.from(piece))).toString('latin1');

const prepareWith = (controls: Readonly<Record<string, string>>) =>
  createMasquerade(openControl(nodeSystem([]), temporaryHome(controls)));

test('envelope and header are rewritten, and the original is kept', async () => {
  const text =
    'Received: x\nFrom: Cron Daemon <root@box.local>\nTo: joe@box.local\nreply-to: (c) a@box.local,\n b@else.example\nSubject: s\n\nbody root@box.local\n';
  const expected =
    'Received: x\nFrom: Cron Daemon <alerts@example.org>\nTo: joe@box.local\nreply-to: a@boxes.example (c), b@else.example\nSubject: s\n' +
    'X-Original-Envelope-From: <root@box.local>\nX-Original-From: Cron Daemon <root@box.local>\nX-Original-reply-to: (c) a@box.local,\n b@else.example\n' +
    '\nbody root@box.local\n';
  const prepare = prepareWith({ masquerade });
  for (let size = 1; size <= text.length; size += 13) {
    const sent = await prepare(outgoing(text, 'root@box.local', size));
    deepStrictEqual([sent.sender, sent.recipients], ['alerts@example.org', ['r@world.example']]);
    strictEqual(textOf(sent), expected);
    strictEqual(sent.body.sizeBytes, expected.length);
  }
});

test('a message that no rule is for is handed on untouched', async () => {
  const prepare = prepareWith({ masquerade });
  for (const text of ['From: a@b\n\nx', 'From: broken@box.local"\n\n', '', 'no header']) {
    const message = outgoing(text, 'a@b');
    strictEqual(await prepare(message), message);
  }
  const message = outgoing('From: root@box.local\n\n');
  strictEqual(await prepareWith({})(message), message);
});

test('the null sender stays', async () => {
  const sent = await prepareWith({ masquerade })(outgoing('From: MAILER-DAEMON@box.local\n\n', ''));
  strictEqual(sent.sender, '');
  strictEqual(
    textOf(sent),
    'From: MAILER-DAEMON@boxes.example\nX-Original-From: MAILER-DAEMON@box.local\n\n',
  );
});

test('a box that needs quotes gets them', async () => {
  const sent = await prepareWith({ masquerade })(outgoing('From: "x y"@box.local\n\n', 'x y@box.local'));
  strictEqual(sent.sender, 'x y@boxes.example');
  strictEqual(
    textOf(sent),
    'From: "x y"@boxes.example\nX-Original-Envelope-From: <"x y"@box.local>\nX-Original-From: "x y"@box.local\n\n',
  );
});

test('a bad rule defers the message', async () => {
  await rejects(prepareWith({ masquerade: 'bad\n' })(outgoing('\n')), /control\/masquerade/);
});

test('CVE-2020-8794: a line end in an address cannot become a field', async () => {
  const sent = await prepareWith({ masquerade })(
    outgoing('From: "a\\\n X: b"@box.local\n\n', 'a\nX: b@box.local'),
  );
  const lines = textOf(sent).split('\n');
  strictEqual(lines.filter((line) => line.startsWith('X: b')).length, 0);
});
