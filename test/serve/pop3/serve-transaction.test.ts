import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  openMaildrop,
  type Pop3Channel,
  pop3Limits,
  serveTransaction,
} from '../../../src/serve/pop3/index.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { allCuts } from '../../support/pieces.ts';
import { maildirWith } from '../../support/pop3-maildir.ts';

const { files } = nodeSystem([]);

const messages = { 'new/a': 'A: b\n\none\n.two\n', 'cur/b:2,S': 'A: c\n\nthree' };

/** A client that has said all that it will say. */
function client(pieces: readonly Uint8Array[], fails?: Error) {
  const waiting = [...pieces];
  const writes: string[] = [];
  const channel: Pop3Channel = {
    async read() {
      return waiting.shift();
    },
    async write(bytes) {
      if (fails) throw fails;
      writes.push(textOf(bytes));
    },
  };
  return { channel, writes };
}

const drop = (maildir = maildirWith(messages)) => openMaildrop({ files, path: maildir, messagesMax: 100 });

test('the same answers however the commands are cut', async () => {
  const said = bytesOf('STAT\r\nRETR 1\r\nLIST\nTOP 2 0\r\nXX\r\nDELE 2\r\nRSET\r\n');
  const answers = [
    '+OK \r\n+OK 2 34\r\n+OK \r\nA: b\r\n\r\none\r\n..two\r\n.\r\n+OK \r\n1 19\r\n2 15\r\n.\r\n',
    '+OK \r\nA: c\r\n\r\n.\r\n-ERR this is no command here\r\n+OK \r\n+OK \r\n',
  ].join('');
  const maildrop = drop();
  for (const pieces of allCuts(said)) {
    const { channel, writes } = client(pieces);
    strictEqual(await serveTransaction({ channel, maildrop, limits: pop3Limits }), 'closed');
    strictEqual(writes.join(''), answers);
  }
});

test('answers to commands that came together go out together', async () => {
  const { channel, writes } = client([bytesOf('NOOP\r\nNOOP\r\nSTAT\r\nQUIT\r\nNOOP\r\n')]);
  strictEqual(await serveTransaction({ channel, maildrop: drop(), limits: pop3Limits }), 'quit');
  deepStrictEqual(writes, ['+OK \r\n', '+OK \r\n+OK \r\n+OK 2 34\r\n+OK \r\n']);
});

test('a client that says nonsense for ever is sent away', async () => {
  const { channel, writes } = client(Array.from({ length: 1000 }, () => bytesOf(`${'x'.repeat(600)}\r\n`)));
  const limits = { ...pop3Limits, errorsMax: 5 };
  strictEqual(await serveTransaction({ channel, maildrop: drop(), limits }), 'errors');
  strictEqual(writes.join('').split('-ERR').length, 7);
});

test('a client that is gone ends the session', async () => {
  const { channel } = client([], new Error('gone'));
  await rejects(serveTransaction({ channel, maildrop: drop(), limits: pop3Limits }), /gone/);
});

test('a large message is never held', async () => {
  const maildir = maildirWith({ 'new/a': 'x'.repeat(70).concat('\n').repeat(100_000) });
  let largest = 0;
  let total = 0;
  const channel: Pop3Channel = {
    read: () => Promise.resolve(total === 0 ? bytesOf('RETR 1\r\n') : undefined),
    async write(bytes) {
      largest = Math.max(largest, bytes.length);
      if (bytes.length > 10) total += bytes.length;
    },
  };
  // The greeting is short.
  strictEqual(await serveTransaction({ channel, maildrop: drop(maildir), limits: pop3Limits }), 'closed');
  ok(total > 7_000_000, String(total));
  ok(largest < 140_000, String(largest));
});
