/** A message from descriptor 0 to the queue, or to descriptor 1. */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  headerLimits,
  type Injection,
  InjectProblem,
  inject,
  printInjected,
  readSettings,
} from '../../src/inject/index.ts';
import type { Envelope } from '../../src/mail/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { textOf } from '../../src/system/index.ts';
import { memorySystem } from '../support/memory-system.ts';

interface Submitted {
  message: string;
  envelope: Envelope;
}

async function submit(stdin: string, injection: Partial<Injection> = {}, pieces: readonly number[] = []) {
  const env = { USER: 'joe', QMAILIDHOST: 'id', QMAILDEFAULTHOST: 'h.x' };
  const { system } = memorySystem({ stdin, pieces, env });
  const submitted: Submitted[] = [];
  const queue: Queue = async (_system, message, envelope) => {
    let text = '';
    for (const chunk of message.chunks()) text += textOf(chunk);
    submitted.push({ message: text, envelope });
    return { exitCode: 0, answer: { verdict: 'K', text: '' } };
  };
  const whole: Injection = {
    settings: readSettings(system),
    recipientsFrom: 'header',
    recipients: [],
    sender: undefined,
    recipientsRequired: false,
    unixLines: false,
    ...injection,
  };
  await inject(system, whole, queue);
  const [first] = submitted;
  ok(first !== undefined);
  return first;
}

test('header, body and envelope reach the queue', async () => {
  const { message, envelope } = await submit('To: a, b@c.d\n\nbody\n');
  ok(message.endsWith('From: joe@h.x\nTo: a@h.x, b@c.d\n\nbody\n'));
  deepStrictEqual(envelope, { sender: 'joe@h.x', recipients: ['b@c.d', 'a@h.x'] });
});

test('recipients from the command line, the header, or both', async () => {
  const recipients = ['x', 'y@z.a'];
  const from = async (recipientsFrom: Injection['recipientsFrom']) =>
    (await submit('To: a@b.c\n', { recipientsFrom, recipients })).envelope.recipients;
  deepStrictEqual(await from('arguments'), ['x@h.x', 'y@z.a']);
  deepStrictEqual(await from('header'), ['a@b.c']);
  deepStrictEqual(await from('both'), ['x@h.x', 'y@z.a', 'a@b.c']);
});

test('a body passes as it is; only a missing last newline is put there', async () => {
  const body = `\n.\nFrom x\n\0\xff\r\n${'y'.repeat(200_000)}`;
  const { message } = await submit(`To: a\n${body}`);
  ok(message.endsWith(`${body}\n`));
  ok((await submit(`To: a\n${body}\n`)).message.endsWith(`${body}\n`));
  ok((await submit('To: a\n\n')).message.endsWith('To: a@h.x\n\n'));
  ok((await submit('To: a')).message.endsWith('To: a@h.x\n'));
});

test('two messages of one second from processes of one number have Message-IDs of their own', async () => {
  const { message } = await submit('To: a\n');
  // The number of the process, 42, and four random bytes, all 1 here.
  ok(message.includes('Message-ID: <19700101000000.420016843009.qmail@id>\n'), message);
});

test('what cannot be sent is a problem, and the queue does not hear of it', async () => {
  const { fieldBytesMax, headerBytesMax } = headerLimits;
  await rejects(submit(`To: ${'a'.repeat(fieldBytesMax)}\n`), InjectProblem);
  await rejects(
    submit(`A: ${'x'.repeat(999_000)}\n`.repeat(Math.ceil(headerBytesMax / 999_000))),
    InjectProblem,
  );
  await rejects(submit('To: a\0b@c.d\n'), InjectProblem);
  await rejects(submit('Subject: x\n', { recipientsRequired: true }), InjectProblem);
  await rejects(submit('', { sender: 'a@b(' }), InjectProblem);
});

test('printing shows the sender and hands nothing over', () => {
  const { system, output } = memorySystem({
    stdin: 'To: a@b.c\n\nx',
    env: { USER: 'j d', QMAILDEFAULTHOST: 'h.x' },
  });
  printInjected(system, {
    settings: readSettings(system),
    recipientsFrom: 'header',
    recipients: [],
    sender: undefined,
    recipientsRequired: false,
    unixLines: false,
  });
  const lines = output(1).split('\n');
  strictEqual(lines[0], 'Return-Path: <"j d"@h.x>');
  deepStrictEqual(lines.slice(3), ['From: "j d"@h.x', 'To: a@b.c', '', 'x', '']);
});

test('the same message, whatever the pieces in which it arrives; and any bytes are answered', async () => {
  const part = fc.constantFrom(
    'To: ',
    'From: ',
    'a@b',
    '\n',
    '\n ',
    ',',
    '<',
    '>',
    '"',
    '(',
    '\0',
    '\xff',
    'x:',
    ';',
    '\\',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      async (parts, size) => {
        const outcome = (pieces: readonly number[]) =>
          submit(parts.join(''), {}, pieces).catch((error: unknown) => {
            ok(error instanceof InjectProblem);
            return error.message;
          });
        deepStrictEqual(await outcome([size]), await outcome([]));
      },
    ),
  );
});
