/** sendmail as everything on a Unix machine calls it, and as the original answered. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerOfQueueExit, formatEnvelope } from '../../src/mail/index.ts';
import { sendmail } from '../../src/programs/sendmail.ts';
import { SystemError, textOf } from '../../src/system/index.ts';
import { eachBody } from '../support/bodies.ts';
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { type SendmailCase, sendmailRules } from '../support/sendmail-rules.ts';
import { vectors } from '../support/vectors.ts';

const home = temporaryHome();
const files = Object.fromEntries(
  Object.entries(referenceControls).map(([name, text]) => [`/var/qmail/control/${name}`, text]),
);
const message = 'To: to@b.c\nBcc: bcc@b.c\n\nx\n';

interface Call {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** How the queue answers: an exit code of qmail-queue, and its own text for 82. */
  readonly queue?: { readonly exit?: number; readonly custom?: string };
}

/** Within this process. */
async function call({ args = [], env = {}, stdin = message, queue = {} }: Call) {
  const world = { args, env: { USER: 'joe', NAME: 'Joe', ...env }, stdin, files };
  const { system, output } = memorySystem(world);
  let sent: { message: string; envelope: string } | undefined;
  const exit = await sendmail.run(system, {
    queue: async (_system, spill, envelope) => {
      let text = '';
      for (const chunk of spill.chunks()) text += textOf(chunk);
      sent = { message: text, envelope: textOf(formatEnvelope(envelope)) };
      const exitCode = queue.exit ?? 0;
      return { exitCode, answer: answerOfQueueExit(exitCode, queue.custom) };
    },
  });
  return { exit, stdout: output(1), stderr: output(2), message: sent?.message, envelope: sent?.envelope };
}

/** As a process, with a program in the place of qmail-queue. */
async function callProcess({ args = [], env = {}, stdin = message, queue = {} }: Call) {
  const capture = captureQueue(queue);
  const ended = await runProgram({
    program: 'sendmail',
    args,
    env: { QMAILHOME: home, QMAILQUEUE: capture.program, USER: 'joe', NAME: 'Joe', ...env },
    stdin,
    main: satelliteMain,
  });
  return { ...ended, message: capture.message(), envelope: capture.envelope() };
}

vectors<SendmailCase>({
  file: 'sendmail.json',
  satellite: true,
  rules: sendmailRules,
  run: async ({ prog, argv: args, env, stdin }) => {
    const capture = captureQueue();
    const ended = await runProgram({
      program: prog,
      args,
      env: { QMAILHOME: home, QMAILQUEUE: capture.program, ...env },
      stdin,
      main: satelliteMain,
    });
    return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
  },
});

/** The shapes in which sendmail is called, and the envelope and the From field that each one makes. */
const fromJoe = '"Joe" <joe@ref.test>';
const toA = 'Fjoe@ref.test\0Ta@b.c\0\0';
const toHeader = 'Fjoe@ref.test\0Tto@b.c\0Tbcc@b.c\0\0';
const shapes: readonly (readonly [args: readonly string[], envelope: string, from: string])[] = [
  [
    ['-i', '-FCronDaemon', '-B8BITMIME', '-oem', 'root'],
    'Fjoe@ref.test\0Troot@ref.test\0\0',
    '"CronDaemon" <joe@ref.test>',
  ],
  [
    ['-FCronDaemon', '-froot@example.com', '-i', 'a@b.c'],
    'Froot@example.com\0Ta@b.c\0\0',
    '"CronDaemon" <root@example.com>',
  ],
  [['-t'], toHeader, fromJoe],
  [['-t', '-i'], toHeader, fromJoe],
  [['-ti'], toHeader, fromJoe],
  [['-oi', '-t'], toHeader, fromJoe],
  [['-t', 'a@b.c'], 'Fjoe@ref.test\0Ta@b.c\0Tto@b.c\0Tbcc@b.c\0\0', fromJoe],
  [['-froot@example.com', 'a@b.c'], 'Froot@example.com\0Ta@b.c\0\0', 'root@example.com'],
  [['-f', 's', 'a@b.c'], 'Fs@ref.test\0Ta@b.c\0\0', 's@ref.test'],
  [['-f', '', 'a@b.c'], 'F\0Ta@b.c\0\0', fromJoe],
  [['-f', '<>', 'a@b.c'], 'F\0Ta@b.c\0\0', fromJoe],
  [['-f<s@x.y>', 'a@b.c'], 'Fs@x.y\0Ta@b.c\0\0', 's@x.y'],
  [['-f', 'Some One <s@x.y>', 'a@b.c'], 'Fs@x.y\0Ta@b.c\0\0', 's@x.y'],
  [['-r', 's@x.y', 'a@b.c'], 'Fs@x.y\0Ta@b.c\0\0', 's@x.y'],
  [['-F', 'Full Name', 'a@b.c'], toA, '"Full Name" <joe@ref.test>'],
  [['-F', 'Evil\nBcc: x@y', 'a@b.c'], toA, '"Evil Bcc: x@y" <joe@ref.test>'],
  [['-F', '', 'a@b.c'], toA, 'joe@ref.test'],
  [['-odi', '-oem', '-oi', '-o7', 'a@b.c'], toA, fromJoe],
  [
    [
      '-O',
      'DeliveryMode=b',
      '-ODoubleBounceAddress=',
      '-L',
      'tag',
      '-X/dev/null',
      '-C',
      '/etc/x.cf',
      'a@b.c',
    ],
    toA,
    fromJoe,
  ],
  [['-h', '7', '-pUUCP:h', '-Am', '-v', '-m', '-n', '-U', '-G', '-x', 'a@b.c'], toA, fromJoe],
  [['-N', 'success,delay', '-Rhdrs', '-V', 'id7', 'a@b.c'], toA, fromJoe],
  [['-d0.1', '-em', '-s', '-c', '-T3d', 'a@b.c'], toA, fromJoe],
  [['-bm', 'a@b.c'], toA, fromJoe],
  [['007'], 'Fjoe@ref.test\0T007@ref.test\0\0', fromJoe],
  [['a@b.c', '-i', '-fs@x.y'], 'Fs@x.y\0Ta@b.c\0\0', 's@x.y'],
  [['-i', '--', '-x@b.c', '--'], 'Fjoe@ref.test\0T-x@b.c\0T--@ref.test\0\0', fromJoe],
];

describe('shapes of calls', () => {
  for (const [args, envelope, from] of shapes) {
    test(`sendmail ${args.map((argument) => JSON.stringify(argument)).join(' ')}`, async () => {
      const ended = await call({ args });
      deepStrictEqual([ended.exit, ended.stdout, ended.stderr], [0, '', '']);
      strictEqual(ended.envelope, envelope);
      strictEqual(
        ended.message?.split('\n').find((line) => line.startsWith('From: ')),
        `From: ${from}`,
      );
      ok(ended.message?.endsWith('\nTo: to@b.c\n\nx\n'));
    });
  }
});

describe('calls that send nothing', () => {
  const quiet: readonly (readonly [args: readonly string[], exit: number, says: string])[] = [
    [['-q'], 0, ''],
    [['-q15m'], 0, ''],
    [['-bp'], 0, 'Mail queue is empty'],
    [['-bp', '-v'], 0, 'Mail queue is empty'],
    [['-bi'], 0, 'no aliases'],
    [['-I'], 0, 'no aliases'],
    [['-bs'], 69, 'SMTP'],
    [['-bd', '-q15m'], 69, 'daemon'],
    [['-bt'], 69, 'rules'],
    [['-bv', 'a@b.c'], 69, 'verified'],
    [['-bz'], 64, 'no mode -bz'],
    [['-Z', 'a@b.c'], 64, 'illegal option -- Z'],
    [['--version'], 64, 'illegal option'],
    [['-f'], 64, 'requires an argument'],
    [[], 64, 'no recipients'],
    [['-i'], 64, 'no recipients'],
  ];
  for (const [args, exit, says] of quiet) {
    test(`sendmail ${args.join(' ')}`.trim(), async () => {
      const ended = await call({ args });
      strictEqual(ended.exit, exit, ended.stderr);
      deepStrictEqual([ended.message, ended.envelope], [undefined, undefined]);
      ok((ended.stdout + ended.stderr).includes(says), ended.stdout + ended.stderr);
      strictEqual(exit === 0 ? ended.stderr : ended.stdout, '');
    });
  }
});

test('a lone dot is part of the message, without -i too', async () => {
  const { message: sent } = await call({ args: ['a@b.c'], stdin: 'Subject: x\n\nbefore\n.\nafter\n' });
  ok(sent?.endsWith('\n\nbefore\n.\nafter\n'));
});

test('-t without recipients in the header is an error', async () => {
  const { exit, message: sent } = await call({ args: ['-t'], stdin: 'Subject: x\n\nhi\n' });
  deepStrictEqual([exit, sent], [65, undefined]);
});

eachBody('bytes of any kind pass through arguments and message', async () => {
  const { envelope, message: sent } = await callProcess({
    args: ['-F', 'Ren\xe9', 'caf\xe9@b.c'],
    stdin: 'Subject: \xe9\n\n\xff\0\r\r\r',
  });
  strictEqual(envelope, 'Fjoe@ref.test\0Tcaf\xe9@b.c\0\0');
  ok(sent?.includes('From: "Ren\xe9" <joe@ref.test>\n'));
  ok(sent?.endsWith('Subject: \xe9\n\n\xff\0\r\r\r\n'));
});

eachBody('lines that end in CR LF end in LF after it, and an empty one ends the header', async () => {
  const { envelope, message: sent } = await callProcess({
    args: ['-t'],
    stdin: 'To: a@b.c\r\nBcc: d@e.f\r\nSubject: x\r\n\r\nFrom: me\r\n.\r\n',
  });
  strictEqual(envelope, 'Fjoe@ref.test\0Ta@b.c\0Td@e.f\0\0');
  ok(sent?.endsWith('To: a@b.c\nSubject: x\n\nFrom: me\n.\n'));
  ok(!sent?.includes('\r'));
});

describe('the answer of the queue in sysexits', () => {
  const answers: readonly (readonly [queue: NonNullable<Call['queue']>, exit: number, text: RegExp])[] = [
    [{ exit: 11 }, 65, /^sendmail: fatal: .*\(#5\.1\.3\)\n$/],
    [{ exit: 31 }, 69, /\(#5\.3\.0\)\n$/],
    [{ exit: 82, custom: 'Dgo away (#5.7.1)' }, 77, /go away \(#5\.7\.1\)\n$/],
    [{ exit: 53 }, 75, /\(#4\.3\.0\)\n$/],
    [{ exit: 55 }, 78, /configuration/],
    [{ exit: 73 }, 75, /\(#4\.4\.1\)\n$/],
  ];
  for (const [queue, exit, text] of answers) {
    test(`${JSON.stringify(queue)} is ${exit}`, async () => {
      const ended = await call({ args: ['a@b.c'], queue });
      strictEqual(ended.exit, exit);
      match(ended.stderr, text);
    });
  }
});

eachBody('cron, as a process', async () => {
  const args = ['-i', '-FCronDaemon', '-B8BITMIME', '-oem', 'root'];
  const ended = await callProcess({ args, stdin: 'From: root (Cron Daemon)\nTo: root\n\nx\n' });
  deepStrictEqual([ended.exit, ended.stdout, ended.stderr], [0, '', '']);
  strictEqual(ended.envelope, 'Fjoe@ref.test\0Troot@ref.test\0\0');
  ok(ended.message?.endsWith('From: root@ref.test (Cron Daemon)\nTo: root@ref.test\n\nx\n'));
});

eachBody('what is wrong on this machine has its own codes', async () => {
  const missing = await callProcess({ args: ['a@b.c'], env: { QMAILQUEUE: '/nonexistent/queue' } });
  deepStrictEqual([missing.exit, missing.stderr.includes('/nonexistent/queue')], [71, true]);
  const unreadable = await callProcess({ args: ['a@b.c'], env: { QMAILMFTFILE: home } });
  deepStrictEqual([unreadable.exit, unreadable.message], [78, null]);
  const badHost = await call({ args: ['a@b.c'], env: { QMAILDEFAULTHOST: '(' } });
  deepStrictEqual([badHost.exit, badHost.message], [78, undefined]);
});

test('a message that breaks off is not sent', async () => {
  const { system, output } = memorySystem({ args: ['a@b.c'], env: { USER: 'joe' }, files });
  const read = () => {
    throw new SystemError('EIO', 'input/output error');
  };
  const broken = {
    ...system,
    files: {
      ...system.files,
      read: (at: number, into: Uint8Array) => (at === 0 ? read() : system.files.read(at, into)),
    },
  };
  const queue = async () => {
    throw new Error('it must not get here');
  };
  strictEqual(await sendmail.run(broken, { queue }), 74);
  strictEqual(output(2), 'sendmail: fatal: unable to read the message: input/output error\n');
});

test('an address that is none is refused', async () => {
  for (const args of [['a@b('], ['-f', 'a\nBcc: x', 'a@b.c'], ['-f', 'a@b(', 'a@b.c']]) {
    const { exit, message: sent } = await call({ args });
    deepStrictEqual([exit, sent], [65, undefined], args.join(' '));
  }
});

eachBody('--help speaks of every option', async () => {
  const { exit, stdout } = await callProcess({ args: ['--help'] });
  strictEqual(exit, 0);
  for (const term of ['-t', '-f, -r SENDER', '-F NAME', '-b MODE', '-q[INTERVAL]', '-o, -A'])
    ok(stdout.includes(`  ${term}`), term);
});

test('on a hub -bi rebuilds the aliases, and fails as sendmail does', async () => {
  const { system, output } = memorySystem({ args: ['-bi'] });
  const queue = () => Promise.reject(new Error('this sends nothing'));
  const rebuilt = (newaliases: () => Promise<number>) =>
    sendmail.run(system, {
      queue,
      programs: { 'qmail-newaliases': async () => ({ manual: sendmail.manual, run: newaliases }) },
    });
  strictEqual(await rebuilt(async () => 0), 0);
  strictEqual(await rebuilt(async () => 111), 65);
  strictEqual(await rebuilt(() => Promise.reject(new SystemError('ENOENT', 'no /etc/aliases'))), 74);
  deepStrictEqual([output(1), output(2)], ['', 'sendmail: fatal: no /etc/aliases\n']);
});
