import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { formatQmtpRequest, qmtpPort } from '../../src/qmtp/index.ts';
import { messageBody } from '../support/message-body.ts';

const format = (text: string, sizeBytes = text.length) =>
  Buffer.concat([
    ...formatQmtpRequest({
      sender: 's@x.y',
      recipients: ['u@ref.test', 'v'],
      body: { ...messageBody(text, [3]), sizeBytes },
    }),
  ]).toString('latin1');

test('a request is the bytes of its parts', () => {
  strictEqual(format('Subject: q\n\nbody\n'), '18:\nSubject: q\n\nbody\n,5:s@x.y,18:10:u@ref.test,1:v,,');
  strictEqual(format(''), '1:\n,5:s@x.y,18:10:u@ref.test,1:v,,');
  strictEqual(qmtpPort, 209);
});

test('a message that is longer or shorter than it should be breaks the request off', () => {
  throws(() => format('abcdef', 5), /5 bytes has brought 6/);
  throws(() => format('abcdef', 7), /7 bytes has brought 6/);
});
