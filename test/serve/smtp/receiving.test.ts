import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { smtpServerLimits } from '../../../src/serve/smtp/limits.ts';
import { createReceiving, failureReply } from '../../../src/serve/smtp/receiving.ts';
import { texts } from '../../../src/serve/smtp/texts.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';

const envelope = { sender: 's@x', recipients: ['r@y'] };

function receive(own: Partial<typeof smtpServerLimits> = {}, write?: () => Promise<void> | undefined) {
  let text = '';
  let abandoned = 0;
  let completed = 0;
  const receiving = createReceiving(
    {
      write(bytes) {
        text += textOf(bytes);
        return write?.();
      },
      async complete() {
        completed += 1;
        return { verdict: 'K', text: 'ok' };
      },
      abandon() {
        abandoned += 1;
      },
    },
    { ...smtpServerLimits, ...own },
  );
  return { receiving, counts: () => ({ text, abandoned, completed }) };
}

test('a message is whole at its dot, and what follows is not its', async () => {
  const { receiving, counts } = receive();
  deepStrictEqual(receiving.feed(bytesOf('a\r\n.\r\nQUIT'), 0), { state: 'end', end: 6, wait: undefined });
  deepStrictEqual(await receiving.finish(envelope), { code: 250, enhanced: '2.0.0', text: 'ok' });
  deepStrictEqual(counts(), { text: 'a\n', abandoned: 0, completed: 1 });
});

test('too large, looping, and a disk that fails: read to its end, and forgotten once', async () => {
  const large = receive({ messageBytesMax: 3 });
  large.receiving.feed(bytesOf('a\r\nb\r\nc\r\n.\r\n'), 0);
  strictEqual(await large.receiving.finish(envelope), texts.tooLarge);
  deepStrictEqual(large.counts(), { text: '', abandoned: 1, completed: 0 });
  large.receiving.abandon();
  strictEqual(large.counts().abandoned, 1);

  const looping = receive({ hopsMax: 2 });
  looping.receiving.feed(bytesOf('Received: a\r\ndelivered-to: b\r\n\r\n.\r\n'), 0);
  strictEqual(await looping.receiving.finish(envelope), texts.looping);

  const error = new Error('no disk');
  const failing = receive({}, () => Promise.reject(error));
  const { wait } = failing.receiving.feed(bytesOf('a\r\n'), 0);
  await wait;
  failing.receiving.feed(bytesOf('.\r\n'), 0);
  deepStrictEqual(await failing.receiving.finish(envelope), failureReply(error));
});

test('a message much larger than the limit is not read any further', () => {
  const { receiving } = receive({ messageBytesMax: 10, excessBytesMax: 10 });
  strictEqual(receiving.feed(bytesOf('x'.repeat(20)), 0).state, 'more');
  strictEqual(receiving.feed(bytesOf('x'), 0).state, 'excess');
});
