import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipv6Prefix, parseIpv6 } from '../../src/serve/ipv6-address.ts';
import { everyText } from '../support/every-text.ts';

test('all spellings of an address are one number', () => {
  const same: readonly (readonly string[])[] = [
    ['::', '0:0:0:0:0:0:0:0'],
    ['::1', '0::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::7', '2001:DB8:0:0::7', '2001:0db8:0000:0000:0000:0000:0000:0007'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::1%eth0', 'fe80::1'],
    ['1::', '1:0:0:0:0:0:0:0'],
  ];
  for (const [first = '', ...others] of same) {
    for (const other of others) strictEqual(parseIpv6(other), parseIpv6(first), other);
  }
  strictEqual(parseIpv6('::1'), 1n);
});

test('what is no IPv6 address is none', () => {
  for (const text of ['', ':', '1', '192.0.2.1', '1::2::3', '12345::', '[::1]', '::1/64', 'x::1']) {
    strictEqual(parseIpv6(text), undefined, text);
  }
});

test('an address that is written out is read as it is, and its first bits are those', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), fc.integer({ min: 0, max: 128 }), (value, bits) => {
      const hex = value.toString(16).padStart(32, '0');
      const groups = Array.from({ length: 8 }, (_, index) => hex.slice(index * 4, index * 4 + 4));
      strictEqual(parseIpv6(groups.join(':')), value);
      const binary = value.toString(2).padStart(128, '0');
      strictEqual(ipv6Prefix(value, bits), BigInt(`0b0${binary.slice(0, bits)}`));
    }),
  );
});

test('every text of a few letters is the address that a URL has for it, or none', () => {
  for (const text of everyText('1f:.')) {
    const url = URL.parse(`http://[${text}]/`);
    strictEqual(parseIpv6(text), url === null ? undefined : parseIpv6(url.hostname.slice(1, -1)), text);
  }
});
