import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { zoneName } from '../../../src/serve/blocklist/zone-name.ts';

test('RFC 5782: bytes and hexadecimal digits, the last one first', () => {
  strictEqual(zoneName('192.0.2.99', 'bad.example.com'), '99.2.0.192.bad.example.com');
  strictEqual(
    zoneName('2001:db8:1:2:3:4:567:89ab', 'ugly.example.com'),
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com',
  );
  strictEqual(zoneName('::1', 'x'), `1.${'0.'.repeat(31)}x`);
  for (const wrong of ['', 'unknown', '192.0.2', '192.0.2.256', '1.2.3.4.5', ':::', 'x.y.z.w'])
    strictEqual(zoneName(wrong, 'x'), undefined, wrong);
});
