import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { relayFrame, relaySocketPath } from '../../src/serve/relay-protocol.ts';

test('the socket stands in the queue, and no two frames are the same', () => {
  strictEqual(relaySocketPath('/var/qmail/queue'), '/var/qmail/queue/relay');
  strictEqual(new Set(Object.values(relayFrame)).size, Object.keys(relayFrame).length);
});
