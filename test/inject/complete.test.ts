/** Headers made complete. */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { completeHeader } from '../../src/inject/complete.ts';
import { InjectProblem, readSettings, recipientsMax } from '../../src/inject/index.ts';
import { memorySystem } from '../support/memory-system.ts';

const stamp = { nowMs: Date.UTC(2026, 10, 5, 8, 44, 38), digits: '42' };

function complete(fields: readonly string[], env: Readonly<Record<string, string>> = {}, sender?: string) {
  const files = { '/q/control/me': 'me.example\n', '/lists': 'list@x.y\n' };
  const { system } = memorySystem({ env: { QMAILHOME: '/q', USER: 'joe', ...env }, files });
  return completeHeader(fields, readSettings(system), stamp, sender);
}

const date = 'Date: 5 Nov 2026 08:44:38 -0000\n';
const messageId = 'Message-ID: <20261105084438.42.qmail@me.example>\n';
const from = 'From: joe@me.example\n';
const notShown = 'Cc: recipient list not shown: ;\n';

test('everything that is missing is put on top', () => {
  deepStrictEqual(complete([]), {
    header: date + messageId + from + notShown,
    sender: 'joe@me.example',
    recipients: [],
  });
});

test('what is there stays, with its addresses completed', () => {
  const fields = ['Date: x\n', 'message-id: y\n', 'FROM: a\n', 'To: b, c@d\n', 'Subject: a, b\n'];
  deepStrictEqual(complete(fields), {
    header: 'Date: x\nmessage-id: y\nFROM: a@me.example\nTo: b@me.example, c@d.me.example\nSubject: a, b\n',
    sender: 'joe@me.example',
    recipients: ['c@d.me.example', 'b@me.example'],
  });
});

test('Bcc names recipients and does not leave', () => {
  const { header, recipients } = complete([
    'To: a@b.c\n',
    'Bcc: d@e.f\n',
    'Content-Length: 7\n',
    'Apparently-To: g@h.i\n',
  ]);
  strictEqual(header, `${date}${messageId}${from}To: a@b.c\nApparently-To: g@h.i\n`);
  deepStrictEqual(recipients, ['a@b.c', 'd@e.f', 'g@h.i']);
});

test('a resent message is completed and sent by its Resent fields', () => {
  const { header, recipients } = complete(['Resent-To: a@b.c\n', 'Resent-Bcc: d@e.f\n', 'To: g@h.i\n']);
  strictEqual(header, `Resent-${date}Resent-${messageId}Resent-${from}Resent-To: a@b.c\nTo: g@h.i\n`);
  deepStrictEqual(recipients, ['a@b.c', 'd@e.f']);
  for (const mark of ['Sender', 'From', 'Reply-To', 'Cc', 'Bcc', 'Date', 'Message-ID']) {
    ok(
      complete([`Resent-${mark}: x\n`]).header.includes(
        `Resent-${mark === 'Date' ? 'Message-ID' : 'Date'}: `,
      ),
      mark,
    );
  }
});

test('the sender comes from the command line, else from Return-Path, else from the identity', () => {
  const fields = ['Return-Path: <a@b.c>\n'];
  strictEqual(complete(fields, {}, 'x@y').sender, 'x@y');
  strictEqual(complete(fields).sender, 'a@b.c');
  strictEqual(complete(fields).header.includes('Return-Path'), false);
  strictEqual(complete(['Return-Path: <>\n']).sender, '');
  strictEqual(complete(fields, { QMAILINJECT: 's' }).sender, 'joe@me.example');
  strictEqual(complete(fields, { QMAILINJECT: 'r' }).sender, 'a@b.c-@[]');
  strictEqual(complete([], { QMAILINJECT: 'rm' }).sender, `joe-${stamp.nowMs / 1000}.42-@me.example-@[]`);
});

test('incoming From and Message-ID may be ignored', () => {
  const fields = ['From: a\n', 'Message-ID: <x>\n'];
  strictEqual(complete(fields, { QMAILINJECT: 'fi' }).header, date + messageId + from + notShown);
});

test('recipients that cannot be parsed leave as they are; a sender must be parsed', () => {
  const { header, recipients } = complete(['To: "a\n']);
  ok(header.endsWith('To: "a\n'));
  deepStrictEqual(recipients, []);
  throws(() => complete(['From: "a\n']), InjectProblem);
  throws(() => complete(['Return-Path: a: b\n']), InjectProblem);
});

test('Mail-Followup-To is added for mailing lists, once', () => {
  const env = { QMAILMFTFILE: '/lists' };
  const followup = 'Mail-Followup-To: d@e.f,\n  a@b.c,\n  LIST@x.y\n';
  const fields = ['To: a@b.c, LIST@x.y\n', 'Cc: d@e.f\n', 'Bcc: g@h.i\n'];
  ok(complete(fields, env).header.includes(followup));
  ok(!complete(fields).header.includes('Mail-Followup-To'));
  ok(!complete([...fields, 'Mail-Followup-To: x\n'], env).header.includes(followup));
  ok(!complete([...fields, 'Resent-To: x\n'], env).header.includes('Mail-Followup-To'));
});

test('the number of recipients has a limit', () => {
  const list = Array.from({ length: recipientsMax + 1 }, () => 'a').join(',');
  throws(() => complete([`To: ${list}\n`]), InjectProblem);
});
