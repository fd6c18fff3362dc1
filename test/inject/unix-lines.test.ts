import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unixLines } from '../../src/inject/unix-lines.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';

function through(...pieces: readonly string[]): string {
  let text = '';
  for (const piece of unixLines(pieces.map(bytesOf))) text += textOf(piece);
  return text;
}

test('CR LF becomes LF, and a CR anywhere else stays', () => {
  strictEqual(through('a\r\n\r\nb\n\r'), 'a\n\nb\n\r');
  strictEqual(through('\ra\rb\r\r\nc'), '\ra\rb\r\nc');
  strictEqual(through('a\r', '\nb\r', 'c\r'), 'a\nb\rc\r');
  strictEqual(through('\r', '\r', '\n'), '\r\n');
  strictEqual(through(), '');
});

test('a message whose first line ends in LF alone stays as it is', () => {
  strictEqual(through('a\nb\r\n', '\r', '\nc\r'), 'a\nb\r\n\r\nc\r');
  strictEqual(through('\r', 'a', '\n', '\r\n'), '\ra\n\r\n');
});

test('it does not matter how the input was cut', () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', 'a'), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 12 })), (whole, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
      const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
      const [first = ''] = whole.split('\n');
      const changes = first.endsWith('\r') && first.length < whole.length;
      strictEqual(through(...pieces), changes ? whole.replaceAll('\r\n', '\n') : whole);
    }),
  );
});
