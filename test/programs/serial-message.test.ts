import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyBehind, readSerialMessage } from '../../src/programs/serial-message.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { memorySystem } from '../support/memory-system.ts';

function opened(message: string) {
  const { system } = memorySystem({ files: { '/m': message } });
  return { system, descriptor: system.files.open('/m', 'read') };
}

function read(message: string) {
  const { system, descriptor } = opened(message);
  return readSerialMessage(system, descriptor);
}

const to = 'Delivered-To: pre-joe@h\n';

test('sender and recipient are in the first two lines', () => {
  const message = `Return-Path: <s@x.y>\n${to}Subject: x\n`;
  assert.deepEqual(read(message), { sender: 's@x.y', recipient: 'pre-joe@h', headBytes: 45 });
  assert.equal(message.slice(45), 'Subject: x\n');
});

test('a sender may be none, the one of double bounces, or in quotes', () => {
  const senderOf = (text: string) => read(`Return-Path: <${text}>\n${to}`)?.sender;
  assert.equal(senderOf(''), '');
  assert.equal(senderOf('#@[]'), '#@[]');
  assert.equal(senderOf('"a b\\"c"@x.y'), 'a b"c@x.y');
  assert.equal(senderOf('"a@x.y'), undefined);
  assert.equal(senderOf('a\0b'), undefined);
});

test('what does not begin as it should', () => {
  assert.equal(read(`Subject: x\n${to}`)?.sender, undefined);
  assert.equal(read(`Return-Path: s@x.y\n${to}`)?.sender, undefined);
  for (const message of ['', 'x', 'x\n', 'Return-Path: <s@x>\nDelivered-To: j', `\n\n${to}`]) {
    assert.equal(read(message), undefined);
  }
  assert.equal(read(`Return-Path: <${'x'.repeat(10_000)}>\n${to}`), undefined);
});

test('the body is what comes behind, as often as it is read', () => {
  const rest = 'Subject: x\n\n'.padEnd(200_000, 'body\n');
  const head = `Return-Path: <>\n${to}`;
  const { system, descriptor } = opened(head + rest);
  const body = bodyBehind(system, descriptor, head.length, bytesOf(head + rest).length);
  assert.equal(body.sizeBytes, rest.length);
  for (let time = 0; time < 2; time += 1) {
    assert.equal([...body.chunks()].map((piece) => textOf(piece.slice())).join('').length, rest.length);
  }
  let text = '';
  for (const piece of body.chunks()) text += textOf(piece);
  assert.equal(text, rest);
});
