import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOf } from '../../src/send/destination-of.ts';

test('elsewhere a destination is a domain, and here a user, whatever the case and the extension', () => {
  for (const [channel, address, expected] of [
    ['remote', 'Joe-list@Far.Example', 'far.example'],
    ['remote', '"a@b"@far.example', 'far.example'],
    ['local', 'Joe@Here', 'joe@here'],
    ['local', 'joe-list-owner@here', 'joe@here'],
    ['local', '@here', '@here'],
  ] as const) {
    strictEqual(destinationOf({ channel, address }), expected);
  }
});
