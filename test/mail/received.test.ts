import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receivedByQueue, receivedFromNetwork } from '../../src/mail/index.ts';

const nowMs = Date.UTC(2026, 10, 5, 8, 44, 38);
const peer = {
  remoteHost: 'peer.example',
  remoteIp: '192.0.2.1',
  localHost: 'hub.example',
  protocol: 'QMQP',
};

test('where a message came from', () => {
  assert.equal(
    receivedFromNetwork(peer, nowMs),
    'Received: from peer.example (192.0.2.1)\n  by hub.example with QMQP; 5 Nov 2026 08:44:38 -0000\n',
  );
  assert.equal(
    receivedFromNetwork({ ...peer, remoteInfo: 'joe', helo: 'me.example', protocol: 'SMTP' }, nowMs),
    'Received: from peer.example (HELO me.example) (joe@192.0.2.1)\n' +
      '  by hub.example with SMTP; 5 Nov 2026 08:44:38 -0000\n',
  );
  assert.equal(
    receivedFromNetwork({ ...peer, remoteIp: '2001:db8::1' }, nowMs).includes('(2001:db8::1)'),
    true,
  );
});

test('what the peer said of itself can neither end the field nor begin a comment', () => {
  const hostile = { ...peer, remoteInfo: 'a b)\n(c\xff', helo: 'x)\r\nBcc: y', remoteHost: '"q"' };
  assert.equal(
    receivedFromNetwork(hostile, nowMs),
    'Received: from ?q? (HELO x???Bcc:?y) (a?b???c?@192.0.2.1)\n' +
      '  by hub.example with QMQP; 5 Nov 2026 08:44:38 -0000\n',
  );
});

test('which bytes are safe', () => {
  for (let code = 0; code < 256; code += 1) {
    const character = String.fromCharCode(code);
    const field = receivedFromNetwork({ ...peer, remoteHost: `<${character}>` }, nowMs);
    const expected = /^[A-Za-z0-9.@%+/=:[\]-]$/.test(character) ? character : '?';
    assert.equal(field.startsWith(`Received: from ?${expected}? (`), true, `byte ${code}`);
  }
});

test('who called qmail-queue', () => {
  const by = (caller: Parameters<typeof receivedByQueue>[1]) => receivedByQueue(123, caller, nowMs);
  assert.equal(by('network'), 'Received: (qmail 123 invoked from network); 5 Nov 2026 08:44:38 -0000\n');
  assert.equal(by('bounce'), 'Received: (qmail 123 invoked for bounce); 5 Nov 2026 08:44:38 -0000\n');
  assert.equal(by('alias'), 'Received: (qmail 123 invoked by alias); 5 Nov 2026 08:44:38 -0000\n');
  assert.equal(by(1000), 'Received: (qmail 123 invoked by uid 1000); 5 Nov 2026 08:44:38 -0000\n');
  assert.equal(by(0), 'Received: (qmail 123 invoked by uid 0); 5 Nov 2026 08:44:38 -0000\n');
});
