import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Program } from '../../src/programs/program.ts';
import { sendmail } from '../../src/programs/sendmail.ts';
import { speakSmtp } from '../../src/programs/speak-smtp.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';
import { runProgram } from '../support/run-program.ts';

const queue = () => Promise.reject(new Error('no message was to be sent'));

test('on a hub, sendmail -bs takes a message over SMTP for anywhere', async () => {
  const capture = captureQueue();
  const home = temporaryHome({ me: 'hub.test\n', rcpthosts: 'hub.test\n' });
  const ended = await runProgram({
    program: 'sendmail',
    args: ['-bs'],
    env: { QMAILHOME: home, QMAILQUEUE: capture.program },
    stdin: [
      'EHLO pine',
      'MAIL FROM:<joe@hub.test>',
      'RCPT TO:<you@elsewhere.test>',
      'DATA',
      'Subject: x\r\n\r\ntext\r\n.',
      'QUIT\r\n',
    ].join('\r\n'),
  });
  strictEqual(ended.exit, 0);
  match(ended.stdout, /^220 hub\.test ESMTP\r\n(.*\r\n)*250 .*\r\n354 .*\r\n250 .*\r\n221 /);
  strictEqual(capture.envelope(), 'Fjoe@hub.test\0Tyou@elsewhere.test\0\0');
  match(capture.message() ?? '', /^Received: from localhost \(HELO pine\) \(sendmail-bs@127\.0\.0\.1\)\n/);
  match(capture.message() ?? '', /\nSubject: x\n\ntext\n$/);
});

test('who calls may say where the client is; the arguments of sendmail go no further', async () => {
  const seen: unknown[] = [];
  const server: Program = {
    manual: sendmail.manual,
    run: async ({ args, env }) => {
      seen.push(args, env('RELAYCLIENT'), env('TCPREMOTEIP'), env('QMAILHOME'));
      return 1;
    },
  };
  const own = { QMAILHOME: '/home', TCPREMOTEIP: '192.0.2.1' };
  const { system } = memorySystem({ args: ['-bs'], env: own });
  const programs = { 'qmail-smtpd': async () => server };
  strictEqual(await sendmail.run(system, { queue, programs }), 1);
  deepStrictEqual(seen.splice(0), [['--without-tls'], '', '127.0.0.1', '/home']);
  const elsewhere = memorySystem({ env: { ...own, PROTO: 'TCP' } }).system;
  await speakSmtp(elsewhere, { queue }, server);
  deepStrictEqual(seen, [['--without-tls'], undefined, '192.0.2.1', '/home']);
});
