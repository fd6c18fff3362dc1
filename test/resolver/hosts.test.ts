import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { addressesByHosts } from '../../src/resolver/hosts.ts';

const lines = [
  '# 192.0.2.9 hub.example',
  '127.0.0.1 localhost',
  '192.0.2.1\tHub.Example hub # other.example',
  '2001:db8::1   mail hub.example\r',
  '192.0.2.1 hub.example',
  'nonsense hub.example',
  '192.0.2.7 hub.example.org ahub',
  '',
  '192.0.2.8',
];

test('every line with the name counts, in order and once', () => {
  deepStrictEqual(addressesByHosts(lines, 'hub.example'), ['192.0.2.1', '2001:db8::1']);
  deepStrictEqual(addressesByHosts(lines, 'HUB'), ['192.0.2.1']);
});

test('comments, parts of names and addresses are no names', () => {
  for (const name of ['other.example', 'example', 'ub', '192.0.2.8', '#', 'nobody'])
    deepStrictEqual(addressesByHosts(lines, name), [], name);
});

test('a name has at most sixteen addresses', () => {
  const many = Array.from({ length: 100 }, (_, last) => `192.0.2.${last} hub`);
  deepStrictEqual(addressesByHosts(many, 'hub').length, 16);
});
