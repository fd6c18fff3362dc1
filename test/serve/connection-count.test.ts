import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectionCount } from '../../src/serve/connection-count.ts';

test('connections are limited in all and from each peer', () => {
  const count = createConnectionCount({ connectionsMax: 3, connectionsPerPeerMax: 2 });
  strictEqual(count.add('a'), true);
  strictEqual(count.add('a'), true);
  strictEqual(count.add('a'), false);
  strictEqual(count.add('b'), true);
  strictEqual(count.add('c'), false);
  strictEqual(count.connections, 3);
  count.remove('a');
  strictEqual(count.add('c'), true);
  strictEqual(count.add('a'), false);
  count.remove('b');
  strictEqual(count.add('a'), true);
});

test('what was never counted cannot go', () => {
  const count = createConnectionCount({ connectionsMax: 3, connectionsPerPeerMax: 2 });
  throws(() => count.remove('a'), /no connection from a/);
  count.add('a');
  count.remove('a');
  throws(() => count.remove('a'), /no connection from a/);
});
