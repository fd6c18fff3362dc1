import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddresses } from '../../../src/serve/index.ts';

test('the loopback is one of our addresses', () => {
  ok(ownAddresses().has('127.0.0.1'));
  ok(!ownAddresses().has('192.0.2.1'));
});
