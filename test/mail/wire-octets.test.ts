import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createOctetCount, octetsInName, octetsMark } from '../../src/mail/index.ts';
import { bytesOf } from '../../src/system/index.ts';

// That it counts what is sent is in ../serve/pop3/wire-encoder.test.ts.
test('line ends count as two, and the last line has one', () => {
  const count = (text: string) => {
    const octets = createOctetCount();
    octets.feed(bytesOf(text));
    return octets.total();
  };
  strictEqual(count(''), 0);
  strictEqual(count('a\nb'), 6);
  strictEqual(count('a\r\nb\r'), 6);
});

test('what the name of a file says', () => {
  strictEqual(octetsInName(`1.M2P3.host${octetsMark(12)}`), 12);
  strictEqual(octetsInName('1.M2P3.host,S=10,W=12:2,S'), 12);
  strictEqual(octetsInName('1.M2P3.host,W=12,S=10'), 12);
  strictEqual(octetsInName('1.M2P3.host,W=12'), 12);
  for (const name of [
    '1.host',
    '1.host,S=10',
    '1.host:2,W=12',
    '1.host,W=',
    '1.host,W=x',
    '1.host,W=1x,S=2',
    '',
  ])
    strictEqual(octetsInName(name), undefined, name);
});
