import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { environmentPeer, plainAddress } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

function peerOf(environment: Readonly<Record<string, string>>) {
  return environmentPeer({ ...nodeSystem([]), env: (name) => environment[name] });
}

test('the peer is what tcp-environ says', () => {
  deepStrictEqual(
    peerOf({
      TCPREMOTEHOST: 'remote.host',
      TCPREMOTEINFO: 'joe',
      TCPREMOTEIP: '192.0.2.7',
      TCPLOCALHOST: 'local.host',
      TCPLOCALIP: '192.0.2.1',
    }),
    { remoteHost: 'remote.host', remoteInfo: 'joe', remoteIp: '192.0.2.7', localHost: 'local.host' },
  );
});

test('what is not said is unknown, and the local address stands for the local name', () => {
  const unknown = { remoteHost: 'unknown', remoteInfo: undefined, remoteIp: 'unknown', localHost: 'unknown' };
  deepStrictEqual(peerOf({}), unknown);
  deepStrictEqual(peerOf({ TCPLOCALIP: '192.0.2.1' }), { ...unknown, localHost: '192.0.2.1' });
});

test('an IPv4 address in IPv6 clothes is an IPv4 address', () => {
  strictEqual(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  for (const address of ['192.0.2.1', '::1', '2001:db8::1', '::ffff:1'])
    strictEqual(plainAddress(address), address);
  strictEqual(plainAddress(undefined), 'unknown');
});
