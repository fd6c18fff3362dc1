import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MessageBody } from '../../src/mail/index.ts';
import { returnedContent } from '../../src/mail/returned-content.ts';
import { textOf } from '../../src/system/index.ts';
import { largeBody, messageBody } from '../support/message-body.ts';

function textOfBody(body: MessageBody): string {
  const text = [...body.chunks()].map((chunk) => textOf(chunk)).join('');
  assert.equal(body.sizeBytes, text.length);
  return text;
}

function headerOf(text: string, limitBytes = 65_536): string {
  return textOfBody(returnedContent(messageBody(text), limitBytes, 65_536).header);
}

test('the header ends before the first empty line', () => {
  assert.equal(headerOf('A: b\nC: d\n\nbody\n'), 'A: b\nC: d\n');
  assert.equal(headerOf('A: b\r\n\r\nbody\r\n'), 'A: b\r\n');
  assert.equal(headerOf('\nbody'), '');
  assert.equal(headerOf(''), '');
  assert.equal(headerOf('A: b\nC'), 'A: b\nC');
});

test('a message within the limit comes whole; of a larger one whole lines of the header', () => {
  const text = 'A: b\nC: d\n\nbody\n';
  const original = messageBody(text);
  assert.equal(returnedContent(original, text.length, 100).whole, original);
  assert.equal(returnedContent(original, text.length - 1, 100).whole, undefined);
  assert.equal(returnedContent(original, 0, 100).whole, original);
  assert.equal(headerOf(text, 10), 'A: b\nC: d\n');
  assert.equal(headerOf(text, 9), 'A: b\n');
  assert.equal(headerOf(text, 4), '');
});

test('no more than the limit is read of a header that does not end', () => {
  let asked = 0;
  const endless = largeBody(1000, 1_000_000);
  const counted: MessageBody = {
    sizeBytes: endless.sizeBytes,
    *chunks() {
      for (const chunk of endless.chunks()) {
        asked += 1;
        yield chunk;
      }
    },
  };
  const { header, whole } = returnedContent(counted, 65_536, 65_536);
  assert.equal(whole, undefined);
  assert.equal(header.sizeBytes, 65_000);
  assert.ok(asked <= 67);
});

test('where the pieces are cut makes no difference', () => {
  const line = fc.constantFrom('', 'A: b', '\r', ' folded', 'x'.repeat(50));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(20)), fc.nat(200), (lines, sizes, limit) => {
      const text = lines.join('\n');
      const one = returnedContent(messageBody(text), limit, 150);
      const other = returnedContent(messageBody(text, sizes), limit, 150);
      assert.equal(textOfBody(other.header), textOfBody(one.header));
    }),
  );
});
