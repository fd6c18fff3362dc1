import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('all of 127/8 and 0/8 is this host, but for what is taken away', () => {
  const isOwn = ownAddresses({ moreOwnAddresses: [], notOwnAddresses: ['127.0.0.5', 'junk'] });
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.constantFrom(0, 127), byte, byte, byte, (first, second, third, fourth) => {
      const address = [first, second, third, fourth].join('.');
      strictEqual(isOwn(address), address !== '127.0.0.5');
    }),
  );
  const others = [
    '126.255.255.255',
    '128.0.0.0',
    '1.0.0.0',
    '127.0.0.5',
    '::ffff:127.0.0.5',
    '::2',
    'junk',
    '',
  ];
  deepStrictEqual(others.filter(isOwn), []);
});

test('an address is the same however it is written', () => {
  const isOwn = ownAddresses({ moreOwnAddresses: ['192.0.2.1', '2001:DB8::1', 'junk'], notOwnAddresses: [] });
  const asked = [
    '::FFFF:7f00:2',
    '0:0:0:0:0:ffff:127.0.0.2',
    '0:0:0:0:0:0:0:1',
    '::ffff:c000:201',
    '2001:0db8:0::0001',
  ];
  deepStrictEqual(asked.filter(isOwn), asked);
});

test('what the network interfaces have is this host', () => {
  const isOwn = ownAddresses({ moreOwnAddresses: [], notOwnAddresses: [] });
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  deepStrictEqual(
    addresses.filter(({ address }) => !isOwn(address)),
    [],
  );
});
