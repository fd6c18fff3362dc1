import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddresses } from '../../src/remote/own-addresses.ts';

test('the loopback, every address at once, and what is added, without what is taken away', () => {
  const isOwn = ownAddresses({ moreOwnAddresses: ['192.0.2.1', '2001:DB8::1'], notOwnAddresses: ['::1'] });
  const asked = [
    '127.0.0.1',
    '0.0.0.0',
    '::',
    '::ffff:127.0.0.1',
    '192.0.2.1',
    '2001:db8::1',
    '::1',
    '203.0.113.77',
  ];
  deepStrictEqual(asked.map(isOwn), [true, true, true, true, true, true, false, false]);
});
