import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { pop3Limits } from '../../../src/serve/pop3/index.ts';

test('no client is left sooner than RFC 1939 (section 3) has it, and commands of RFC 2449 (section 4) fit', () => {
  ok(pop3Limits.idleMs >= 600_000);
  ok(pop3Limits.commandBytesMax >= 255);
});
