import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { networkSubmission, qmtpServerLimits, serveQmtpDescriptors } from '../../../src/serve/index.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { netstringsIn, qmtpRequest } from '../../support/qmtp-peer.ts';

function serve(limits = qmtpServerLimits) {
  const input = new PassThrough();
  const output = new PassThrough();
  const peer = { remoteHost: 'c', remoteIp: '192.0.2.1', localHost: 'h' };
  const ended = serveQmtpDescriptors({
    input,
    output,
    limits,
    recipient: (address) => ({ ok: true, address }),
    begin: () => networkSubmission(memoryIntake(), peer, 'QMTP', () => 0),
  });
  return { input, output, ended };
}

test('one connection, to its end', async () => {
  const { input, output, ended } = serve();
  input.end(qmtpRequest('\n', 's', 'r', 'q'));
  strictEqual(await ended, 'closed');
  deepStrictEqual(netstringsIn(String(output.read())), ['Kok 0 qp 1', 'Kok 0 qp 1']);
});

test('its times are looked at', async () => {
  const { ended } = serve({ ...qmtpServerLimits, idleMs: 20, lingerMs: 10 });
  strictEqual(await ended, 'timeout');
});
