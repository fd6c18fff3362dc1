/**
 * sendmail as it is really called: a test for each line of the table of its flags, with the calls of those who use
 * them. What counts is what reaches the queue, or what is said when nothing may reach it.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const home = temporaryHome();
const body = 'before\n.\nafter\n';
const message = `To: to@b.c\nCc: cc@b.c\nBcc: bcc@b.c\nSubject: flags\n\n${body}`;

interface Sent {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly header: string;
}

async function call(args: readonly string[], program = 'sendmail', exit = 0) {
  const queue = captureQueue();
  const ended = await runProgram({
    program,
    args,
    env: { QMAILHOME: home, QMAILQUEUE: queue.program, USER: 'joe', NAME: 'Joe' },
    stdin: message,
    main: satelliteMain,
  });
  const called = [program, ...args].join(' ');
  strictEqual(ended.exit, exit, `${called}: ${ended.stderr}`);
  return { ...ended, called, message: queue.message(), envelope: queue.envelope() };
}

/** A call that must send: what was sent. Nothing is said, and the text arrives as it was, with its lone dot. */
async function send(...args: readonly string[]): Promise<Sent> {
  const ended = await call(args);
  deepStrictEqual([ended.stdout, ended.stderr], ['', ''], ended.called);
  const [header = '', ...text] = (ended.message ?? '').split('\n\n');
  strictEqual(text.join('\n\n'), body, ended.called);
  ok(!header.includes('Bcc'), ended.called);
  const [first = '', ...rest] = (ended.envelope ?? '').split('\0');
  const recipients = rest.slice(0, -2).map((recipient) => recipient.slice(1));
  return { sender: first.slice(1), recipients, header };
}

/** A call that must send nothing: what it says. */
async function say(exit: number, args: readonly string[], program = 'sendmail') {
  const ended = await call(args, program, exit);
  deepStrictEqual([ended.message, ended.envelope], [null, null], ended.called);
  return exit === 0 ? ended.stdout : ended.stderr;
}

function fromOf({ header }: Sent): string | undefined {
  return /^From: (.*)$/m.exec(header)?.[1];
}

const plain = { sender: 'joe@ref.test', recipients: ['a@b.c'] };
const fromHeader = ['to@b.c', 'cc@b.c', 'bcc@b.c'];

eachBody('-t: recipients from the header', async () => {
  for (const args of [['-t'], ['-ti'], ['-t', '-i'], ['-oi', '-t'], ['-i', '-t', '-fwww@ref.test']]) {
    deepStrictEqual((await send(...args)).recipients, fromHeader, args.join(' '));
  }
  deepStrictEqual((await send('-t', 'a@b.c')).recipients, ['a@b.c', ...fromHeader]);
});

eachBody('-i, -oi: a lone dot does not end the message', async () => {
  for (const args of [['-i'], ['-oi'], []]) {
    const { sender, recipients } = await send(...args, 'a@b.c');
    deepStrictEqual({ sender, recipients }, plain, args.join(' '));
  }
});

eachBody('-f, -r: the envelope sender, an empty one too', async () => {
  const senders: readonly (readonly [args: readonly string[], sender: string])[] = [
    [['-f', 'monitor@b.c'], 'monitor@b.c'],
    [['-fmonitor@b.c'], 'monitor@b.c'],
    [['-r', 'monitor@b.c'], 'monitor@b.c'],
    [['-f', 'Monitor <monitor@b.c>'], 'monitor@b.c'],
    [['-f', ''], ''],
    [['-f', '<>'], ''],
    [['-f<>'], ''],
  ];
  for (const [args, sender] of senders) {
    deepStrictEqual((await send(...args, 'a@b.c')).sender, sender, args.join(' '));
  }
});

eachBody('-F NAME: the full name', async () => {
  strictEqual(fromOf(await send('-FCronDaemon', 'a@b.c')), '"CronDaemon" <joe@ref.test>');
  strictEqual(fromOf(await send('-F', 'Cron Daemon', 'a@b.c')), '"Cron Daemon" <joe@ref.test>');
  const cron = await send('-i', '-FCronDaemon', '-B8BITMIME', '-oem', 'root');
  deepStrictEqual([cron.recipients, fromOf(cron)], [['root@ref.test'], '"CronDaemon" <joe@ref.test>']);
});

/** Each alone, with its value attached and as an argument of its own where it can be. */
const ignored = [
  ['-B8BITMIME'],
  ['-B', '8BITMIME'],
  ['-oem'],
  ['-odb'],
  ['-odi'],
  ['-odq'],
  ['-o7'],
  ['-o', 'em'],
  ['-O', 'DeliveryMode=b'],
  ['-OQueueDirectory=/nowhere'],
  ['-L', 'tag'],
  ['-Ltag'],
  ['-X', '/dev/null'],
  ['-C', '/etc/mail/sendmail.cf'],
  ['-h', '7'],
  ['-pUUCP:host'],
  ['-Am'],
  ['-Ac'],
  ['-v'],
  ['-m'],
  ['-n'],
  ['-U'],
  ['-G'],
];

eachBody('-B, -o, -O, -L, -X, -C, -h, -p, -A, -v, -m, -n, -U, -G: accepted, ignored', async () => {
  const without = fromOf(await send('a@b.c'));
  await Promise.all(
    ignored.map(async (args) => {
      const sent = await send(...args, 'a@b.c');
      const { sender, recipients } = sent;
      const expected = { ...plain, from: without };
      deepStrictEqual({ sender, recipients, from: fromOf(sent) }, expected, args.join(' '));
    }),
  );
});

eachBody('-N, -R, -V: delivery notification, accepted, ignored', async () => {
  for (const args of [['-N', 'success,delay'], ['-Nnever'], ['-R', 'hdrs'], ['-Rfull'], ['-V', 'id7']]) {
    const { sender, recipients } = await send(...args, 'a@b.c');
    deepStrictEqual({ sender, recipients }, plain, args.join(' '));
  }
});

eachBody('-bm: the default', async () => {
  const { sender, recipients } = await send('-bm', 'a@b.c');
  deepStrictEqual({ sender, recipients }, plain);
});

eachBody('-bs: SMTP on descriptors 0 and 1 is not available, and says so', async () => {
  match(await say(69, ['-bs']), /^sendmail: SMTP on descriptors 0 and 1 \(-bs\) is not available/);
});

eachBody('-bp, mailq: list the queue', async () => {
  for (const args of [['-bp'], ['-bp', '-v'], ['-v', '-bp']])
    match(await say(0, args), /Mail queue is empty/);
  match(await say(0, [], 'mailq'), /Mail queue is empty/);
  match(await say(0, ['-v'], 'mailq'), /Mail queue is empty/);
});

eachBody('-q, -q15m: what waits is sent now, and no process stays for later', async () => {
  for (const args of [['-q'], ['-q15m'], ['-q', '-v']]) await say(0, args);
});

eachBody('-bi, newaliases: there is nothing to rebuild on a satellite', async () => {
  for (const args of [['-bi'], ['-I'], ['-bi', '-v']]) match(await say(0, args), /no aliases/);
  match(await say(0, [], 'newaliases'), /no aliases/);
});

eachBody('-bv, -bt, -bd: refused with a clear text', async () => {
  match(await say(69, ['-bv', 'a@b.c']), /^sendmail: addresses cannot be verified \(-bv\)/);
  match(await say(69, ['-bt']), /^sendmail: there are no rewriting rules to test \(-bt\)/);
  match(await say(69, ['-bd']), /^sendmail: sendmail is no daemon \(-bd\)/);
  match(await say(69, ['-bd', '-q15m']), /^sendmail: sendmail is no daemon \(-bd\)/);
});

eachBody('anything else is a usage error, 64', async () => {
  const problems: readonly (readonly [args: readonly string[], says: string])[] = [
    [['-Z', 'a@b.c'], 'illegal option -- Z'],
    [['-bz', 'a@b.c'], 'there is no mode -bz'],
    [['--version'], 'illegal option'],
    [['-f'], 'option requires an argument -- f'],
    [['-i'], 'no recipients: name them, or give -t'],
    [[], 'no recipients: name them, or give -t'],
  ];
  for (const [args, says] of problems) {
    const said = await say(64, args);
    ok(said.startsWith(`sendmail: ${says}`), said);
  }
});

eachBody('operands that look like numbers, options or nothing are what they are', async () => {
  deepStrictEqual((await send('007')).recipients, ['007@ref.test']);
  deepStrictEqual((await send('-i', '--', '-x@b.c')).recipients, ['-x@b.c']);
  deepStrictEqual((await send('a@b.c', '-i', '-fs@b.c')).sender, 's@b.c');
});
