/** Mail from one hub to another over QMTP, in both forms of the hub. */
import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { startHub } from '../support/hub.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';

test('a hub sends by its qmtproutes, and another takes it and delivers', async () => {
  const far = hubHome({ me: 'far.test\n', locals: 'far.test\n', rcpthosts: 'far.test\n' });
  const second = await startHub({ home: far, listen: [], args: ['--qmtp', '127.0.0.1:0'] });
  const port = /:(\d+)$/.exec(await second.line(/^listening qmtp 127\.0\.0\.1:\d+$/))?.[1];
  const home = hubHome({
    ...hubControls,
    qmtproutes: `far.test:127.0.0.1:${port}\n`,
    masquerade: 'x:y.test\n',
  });
  const first = await startHub({ home });
  const request = qmqpRequest('From: s@x\nSubject: q\n\n.\nbody\n', 's@x', 'a@far.test', 'b@far.test');
  match(await submitRequest(Number(first.addresses[0]?.split(':')[1]), request), /:Kok/);
  await first.count(/^delivery \d+: success: .*accepted_the_message/, 2);
  await second.count(/^delivery \d+: success/, 2);
  const text = second.messages()[0] ?? '';
  match(text, /^Return-Path: <s@y\.test>\n/);
  match(text, /Received: from unknown \(127\.0\.0\.1\)\n {2}by far\.test with QMTP; /);
  match(
    text,
    /\nFrom: s@y\.test\nSubject: q\nX-Original-Envelope-From: <s@x>\nX-Original-From: s@x\n\n\.\nbody\n$/,
  );
  await first.stop();
  await second.stop();
});

test('a hub of several users listens as qmaild', { skip: separatedHubMissing }, async (context) => {
  const hub = await startSeparatedHub({
    users: ['joe'],
    args: ['--qmtp', '127.0.0.1:2090', './Maildir/'],
    controls: { rcpthosts: 'hub.test\n' },
  });
  context.after(() => hub.close());
  const request = '11:\nSubject: x,3:s@x,16:12:joe@hub.test,,';
  const script = `exec 3<>/dev/tcp/127.0.0.1/2090; printf '${request.replaceAll('\n', '\\n')}' >&3; head -c 5 <&3`;
  const { stdout } = await hub.host.run(['bash', '-c', script]);
  match(String(stdout), /^\d+:Ko/);
  await hub.line(/^end msg/);
  match(hub.mail('joe')[0] ?? '', /with QMTP; .*\nSubject: x/);
  const server = hub.processes().find(({ words }) => words[0] === 'qmail-qmtpd');
  strictEqual(server === undefined, false);
  strictEqual(await hub.stop(), 0);
});
