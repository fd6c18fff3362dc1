import { strictEqual } from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { consistsOf, parseIpv4, parseIpv6 } from '../../src/system/address.ts';

test('a dotted quad, with leading zeros as decimal', () => {
  strictEqual(parseIpv4('192.0.2.1'), '192.0.2.1');
  strictEqual(parseIpv4('010.000.2.255'), '10.0.2.255');
  for (const bad of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.', '1.2.3.0000', '1.2.3.4 ', '1.2.3.-4'])
    strictEqual(parseIpv4(bad), undefined, bad);
});

test('an IPv6 literal stays as it is, with its zone', () => {
  for (const address of ['::', '::1', '2001:DB8::1', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1', 'fe80::1%eth0'])
    strictEqual(parseIpv6(address), address);
  for (const bad of ['', ':', '1:2', '1::2::3', '1:2:3:4:5:6:7:8:9', 'g::', '::1%', '::1%a b', '::1.2.3'])
    strictEqual(parseIpv6(bad), undefined, bad);
});

test('they are those that Node knows', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0127af:.'), maxLength: 16 });
  fc.assert(
    fc.property(near, (text) => {
      strictEqual(parseIpv6(text) !== undefined, isIPv6(text), text);
      // Node refuses leading zeros.
      if (isIPv4(text)) strictEqual(parseIpv4(text), text);
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.ipV6(), (text) => parseIpv6(text) === text));
  fc.assert(fc.property(fc.ipV4(), (text) => parseIpv4(text) === text));
});

test('an empty text consists of nothing', () => {
  strictEqual(consistsOf('', 'ab'), false);
  strictEqual(consistsOf('abba', 'ab'), true);
  strictEqual(consistsOf('abc', 'ab'), false);
});
