import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { reportText, sendOutgoing, serialAnswer } from '../../src/programs/serial-outgoing.ts';
import type { Outgoing } from '../../src/remote/index.ts';
import { textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { makeMaildir } from '../support/maildir.ts';

const system = nodeSystem([]);
const maildir = makeMaildir();

async function sent(text: string) {
  maildir.put('new/1', text);
  return await sendOutgoing(system, `${maildir.path}/new/1`, 'p-', async (outgoing: Outgoing) => {
    const body = [...outgoing.body.chunks()].map((piece) => textOf(piece)).join('');
    return { sender: outgoing.sender, recipients: outgoing.recipients, body };
  });
}

test('a message goes without its first lines and its prefix', async () => {
  deepStrictEqual(await sent('Return-Path: <s@x>\nDelivered-To: p-r@h\nSubject: x\n\ny'), {
    sender: 's@x',
    recipients: ['r@h'],
    body: 'Subject: x\n\ny',
  });
});

test('the bounce of a bounce leaves as a bounce', async () => {
  const answer = await sent('Return-Path: <#@[]>\nDelivered-To: p-r@h\n\n');
  strictEqual('sender' in answer && answer.sender, '');
});

test('a message that is none, is for somebody else, or is gone, stays for now', async () => {
  for (const [text, reason] of [
    ['no head\n', /does not begin with Return-Path/],
    ['Return-Path: <s>\nDelivered-To: other-r@h\n\n', /does not begin with the prefix/],
  ] as const) {
    const answer = await sent(text);
    strictEqual('verdict' in answer && answer.verdict, 'Z');
    match(('text' in answer && answer.text) || '', reason);
  }
  const gone = await sendOutgoing(system, `${maildir.path}/new/2`, '', async () => undefined);
  match(gone?.text ?? '', /ENOENT|no such file/);
});

test('a refused recipient says more than the message, and all of it is one line', () => {
  const message = { verdict: 'D', text: 'giving up' } as const;
  const refused = { verdict: 'Z', text: 'not now\nlater\n' } as const;
  const base = { message, undecided: false };
  strictEqual(serialAnswer({ ...base, recipients: [refused] }), refused);
  strictEqual(serialAnswer({ ...base, recipients: [{ verdict: 'K', text: '' }] }), message);
  strictEqual(serialAnswer({ ...base, recipients: [] }), message);
  strictEqual(reportText(refused.text), 'not now/later');
});
