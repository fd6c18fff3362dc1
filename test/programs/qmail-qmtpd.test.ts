/** qmail-qmtpd as a process: the recorded answers of the original, tcpserver's way, and its own listener. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { startListening } from '../support/listening-program.ts';
import { qmqpPeer } from '../support/qmqp-peer.ts';
import { netstringsIn, qmtpRequest } from '../support/qmtp-peer.ts';
import { runProgram } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { type NamedCase, vectors } from '../support/vectors.ts';

interface QmtpdCase extends NamedCase {
  readonly env: Readonly<Record<string, string>>;
  readonly control: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** What of replies must agree: of each K all of it, of the others letter and codes. */
function repliesView(value: unknown): unknown {
  const text = String(value)
    .replaceAll('<LEN>', '22')
    .replaceAll(/Kok [0-9]+ qp [0-9]+/g, 'Kok <TIME> qp <PID>');
  return [...text.matchAll(/[0-9]+:([KZD])([^,]*(?:,(?![0-9]+:|$)[^,]*)*),/g)].map(([, letter, said = '']) =>
    letter === 'K' ? `K${said}` : [letter, ...(said.match(/\(#[0-9.]+\)/) ?? [])],
  );
}

vectors<QmtpdCase>({
  file: 'qmtpd.json',
  views: { stdout: repliesView },
  async run({ env, control, stdin }) {
    const capture = captureQueue();
    const home = temporaryHome({ ...referenceControls, ...control });
    const ended = await runProgram({
      program: 'qmail-qmtpd',
      env: { QMAILHOME: home, QMAILQUEUE: capture.program, ...env },
      stdin,
    });
    // Each must be a netstring, to the byte.
    netstringsIn(ended.stdout);
    return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
  },
});

const input = qmtpRequest('\nSubject: q\n\nbody\n', 's@x.y', 'u@ref.test', 'u@there.example');

test('it listens by itself, reads its rules again, and ends with a signal', async () => {
  const capture = captureQueue();
  const home = temporaryHome();
  const server = await startListening('qmail-qmtpd', ['--listen', '127.0.0.1:0'], {
    QMAILHOME: home,
    QMAILQUEUE: capture.program,
  });
  const submit = async () => {
    const peer = await qmqpPeer(server.port);
    peer.send(input);
    peer.socket.end();
    return netstringsIn(await peer.reply).map((reply) => reply.charAt(0));
  };
  deepStrictEqual(await submit(), ['K', 'D']);
  match(capture.message() ?? '', /^Received: from unknown \(127\.0\.0\.1\)\n {2}by ref\.test with QMTP; /);
  writeFileSync(`${home}/control/qmtprules`, '127.:allow,RELAYCLIENT=""\n');
  server.signal('SIGHUP');
  await until('the rules', () => server.stderr().includes('control files read again') || undefined);
  deepStrictEqual(await submit(), ['K', 'K']);
  writeFileSync(`${home}/control/qmtprules`, 'no rule\n');
  server.signal('SIGHUP');
  await until('a complaint', () => server.stderr().includes('control files kept as before') || undefined);
  deepStrictEqual(await submit(), ['K', 'K']);
  strictEqual(await server.stop(), 0);
});

test('limits and their exit codes', async () => {
  const env = { QMAILHOME: temporaryHome(), QMAILQUEUE: captureQueue().program };
  for (const [stdin, exit] of [
    ['9999999999:', 111],
    ['5;', 100],
    ['5:\nabc', 0],
  ] as const) {
    deepStrictEqual(await runProgram({ program: 'qmail-qmtpd', env, stdin }), {
      exit,
      stdout: '',
      stderr: '',
    });
  }
});

test('calls that make no sense', async () => {
  const env = { QMAILHOME: temporaryHome() };
  for (const [args, exit, text] of [
    [['x'], 100, /usage: qmail-qmtpd/],
    [['--listen', 'nowhere'], 100, /nowhere is no ADDRESS:PORT/],
    [['--descriptor', '1'], 100, /1 is no descriptor/],
    [['--descriptor', '99'], 111, /unable to listen on 99/],
  ] as const) {
    const ended = await runProgram({ program: 'qmail-qmtpd', args: [...args], env });
    strictEqual(ended.exit, exit);
    match(ended.stderr, text);
  }
  const ended = await runProgram({ program: 'qmail-qmtpd', env: { QMAILHOME: '/nonexistent' } });
  strictEqual(ended.exit, 111);
});
