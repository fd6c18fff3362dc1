import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWireText } from '../../../src/remote/index.ts';
import { scanMessage } from '../../../src/remote/smtp/scan-message.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { messageBody } from '../../support/message-body.ts';

test('the size is that of the message on the wire, whatever its line ends are and however it is read', async () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', '.', 'a', '\xe9'), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 })), async (message, sizes) => {
      const wire = createWireText({ forData: false });
      const sizeBytes = wire.push(bytesOf(message)).length + wire.end().length;
      const eightBit = message.includes('\xe9');
      deepStrictEqual(await scanMessage(messageBody(message, sizes)), { sizeBytes, eightBit });
    }),
  );
});

test('a message of nothing has no bytes', async () => {
  strictEqual((await scanMessage(messageBody(''))).sizeBytes, 0);
});
