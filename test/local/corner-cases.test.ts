/** Where deliveries are easily got wrong: one test for each point, by the numbers of the compatibility notes. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { deliverLocally, type LocalJob } from '../../src/local/index.ts';
import { type Envelope, splitAddress } from '../../src/mail/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type Answer, bytesOf, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { hubFor, sendTo } from '../support/hub-clients.ts';
import { asUserEntry, hubUser, isRoot } from '../support/hub-home.ts';
import { messageBody } from '../support/message-body.ts';
import { runProgram } from '../support/run-program.ts';
import { openSending, until } from '../support/sending.ts';

type Taken = Envelope & { readonly message: string };

/** What a user's deliveries have made, and what they gave to the queue. */
interface Place {
  readonly home: string;
  readonly taken: readonly Taken[];
  /** Writes .qmail files by their suffixes. */
  write(files: Readonly<Record<string, string>>): void;
  deliver(job?: Partial<LocalJob>): Promise<Answer>;
  read(name: string): string;
}

const defaults = {
  user: 'joe',
  local: 'joe',
  dash: '',
  extension: '',
  domain: 'ref.test',
  sender: 's@x.y',
  delivery: './Mailbox',
  nowMs: Date.UTC(2026, 10, 5, 8, 44, 38),
};

function place(): Place {
  const home = temporaryDirectory();
  const taken: Taken[] = [];
  const queue: Queue = async (_system, message, envelope) => {
    const text = [...message.chunks()].map((piece) => textOf(piece)).join('');
    taken.push({ ...envelope, message: text });
    return { exitCode: 0, answer: { verdict: 'K', text: 'ok qp 7' } };
  };
  return {
    home,
    taken,
    write(files) {
      for (const [suffix, text] of Object.entries(files)) writeFileSync(`${home}/.qmail${suffix}`, text);
    },
    deliver: (job = {}) =>
      deliverLocally(
        { ...defaults, home, body: messageBody('Subject: x\n\nbody\n'), ...job },
        { system: nodeSystem([]), queue },
      ),
    read: (name) => readFileSync(`${home}/${name}`, 'latin1'),
  };
}

/** A job for joe-EXTENSION. */
function to(extension: string): Partial<LocalJob> {
  return { local: `joe-${extension}`, dash: '-', extension };
}

test('corner case 18: VERP is filled in by the queue, by the last @, with a virtual prefix; bounces lose its mark', async () => {
  const joe = place();
  joe.write({ '-default': '|[ "$EXT" != gone ] || exit 100\n./Mailbox\n' });
  const sending = await openSending({
    controls: { locals: 'ref.test\n', virtualdomains: 'virtual.test:joe\n' },
    deliver({ sender, address }) {
      const { local, domain = '' } = splitAddress(address);
      const [, ...extension] = local.split('-');
      const body = messageBody('Subject: x\n\nbody\n');
      return joe.deliver({ ...to(extension.join('-')), local, domain, sender, body });
    },
  });
  sending.sender.start();
  const incoming = sending.store.begin({ caller: 'network', host: '' });
  incoming.write(bytesOf('Subject: x\n\nbody\n'));
  await incoming.commit({
    sender: 'list-@a@ref.test-@[]',
    recipients: ['m@n@virtual.test', 'gone@virtual.test'],
  });
  // The bounce, to the sender without the mark.
  const bounced = (line: string) => line.endsWith(' to local list-@a@ref.test');
  await until(
    () =>
      sending.lines().some(bounced) &&
      sending.lines().filter((line) => line.startsWith('end msg')).length === 2,
  );
  match(
    joe.read('Mailbox'),
    /^Return-Path: <"list-@ajoe-m@n=virtual\.test"@ref\.test>\nDelivered-To: joe-m@n@virtual\.test$/m,
  );
  await sending.stop();
});

test('corner case 19: owners are looked for by the whole extension, and not for bounces', async () => {
  const joe = place();
  joe.write({ '-default': '&a@b.c\n', '-l-owner': '', '-l-m-owner': '', '-l-m-owner-default': '' });
  for (const [extension, sender] of [
    ['L', 's@x.y'],
    ['l-m', 's@x.y'],
    ['l-other', 's@x.y'],
    ['l', ''],
    ['l', '#@[]'],
  ] as const) {
    strictEqual((await joe.deliver({ ...to(extension), sender })).verdict, 'K');
  }
  deepStrictEqual(
    joe.taken.map(({ sender }) => sender),
    ['joe-L-owner@ref.test', 'joe-l-m-owner-@ref.test-@[]', 's@x.y', '', '#@[]'],
  );
});

test('corner case 20: names of .qmail files, their modes and lines, and the home’s mode', async () => {
  const joe = place();
  const show = `|echo "\${DEFAULT-none}"\n`;
  joe.write({ '-a:b': show, '-a-default': `${show}#\n`, '-default': show });
  for (const [extension, part] of [
    ['A.b', 'none'],
    ['a-B.C-d', 'B.C-d'],
    ['a-', ''],
    ['A', 'A'],
    ['x_y', 'x_y'],
  ] as const) {
    deepStrictEqual(await joe.deliver(to(extension)), { verdict: 'K', text: `${part}\ndid 0+0+1\n` });
  }

  const instructions = `${joe.home}/.qmail`;
  const outcome = async (text: string, mode = 0o644) => {
    writeFileSync(instructions, text);
    chmodSync(instructions, mode);
    const { verdict, text: report } = await joe.deliver();
    const made = existsSync(`${joe.home}/Mailbox`);
    if (made) unlinkSync(`${joe.home}/Mailbox`);
    const [code] = /\(#[\d.]+\)/.exec(report) ?? [];
    return [verdict, code ?? report, ...(made ? ['made'] : [])].join(' ');
  };
  strictEqual(await outcome('./Mailbox\n', 0o744), 'Z (#4.7.0)');
  strictEqual(await outcome('|exit 0\n', 0o744), 'Z (#4.7.0)');
  strictEqual(await outcome('a@b.c\n', 0o744), 'K did 0+1+0\nqp 7\n');
  strictEqual(await outcome('', 0o744), 'K did 1+0+0\n made');
  strictEqual(await outcome('./Mailbox\n', 0o646), 'Z (#4.7.0)');
  strictEqual(await outcome('./Mailbox\n', 0o664), 'K did 1+0+0\n made');
  strictEqual(await outcome('\n./Mailbox\n'), 'Z (#4.2.1)');
  strictEqual(await outcome(' \t\n./Mailbox\n'), 'Z (#4.2.1)');
  strictEqual(await outcome('./Mailbox\n\n'), 'K did 1+0+0\n made');
  strictEqual(await outcome('+list\n./Mailbox\n'), 'Z (#4.7.0)');
  strictEqual(await outcome('+other\n./Mailbox\n'), 'K did 1+0+0\n made');

  strictEqual(await outcome('joe@x.y \t\n&jim@x.y\n%odd\n&\n'), 'K did 0+4+0\nqp 7\n');
  deepStrictEqual(joe.taken.at(-1)?.recipients, ['joe@x.y', 'jim@x.y', '%odd', '']);

  unlinkSync(instructions);
  mkdirSync(instructions);
  symlinkSync('missing', `${joe.home}/.qmail-x`);
  strictEqual((await joe.deliver()).text, 'did 1+0+0\n', 'a directory is no .qmail file');
  strictEqual((await joe.deliver(to('x'))).text, 'x\ndid 0+0+1\n', 'nor is a link to nothing');

  chmodSync(joe.home, 0o1700);
  match((await joe.deliver()).text, /\(#4\.2\.1\)\n$/);
  chmodSync(joe.home, 0o702);
  match((await joe.deliver()).text, /\(#4\.7\.0\)\n$/);
  chmodSync(joe.home, 0o770);
  strictEqual((await joe.deliver()).verdict, 'K');
});

test('corner case 21: forwards last and together; 99 keeps the earlier ones; a failing program prevents all', async () => {
  const joe = place();
  joe.write({ '': 'a@b.c\n|cat >"$HOME/first"; exit 0\n&d@e.f\n|exit 99\n&g@h.i\n./Mailbox\n' });
  strictEqual((await joe.deliver()).text, 'did 0+2+2\nqp 7\n');
  const message = 'Delivered-To: joe@ref.test\nSubject: x\n\nbody\n';
  deepStrictEqual(joe.taken, [{ sender: 's@x.y', recipients: ['a@b.c', 'd@e.f'], message }]);
  deepStrictEqual([existsSync(`${joe.home}/Mailbox`), joe.read('first')], [false, 'Subject: x\n\nbody\n']);

  for (const [code, verdict] of [
    [1, 'Z'],
    [100, 'D'],
  ] as const) {
    joe.write({ '': `a@b.c\n|exit ${code}\n&d@e.f\n` });
    strictEqual((await joe.deliver()).verdict, verdict);
  }
  strictEqual(joe.taken.length, 1);
});

test('corner case 22: what exit codes of programs mean', async () => {
  const joe = place();
  joe.write({ '-default': '|exit $EXT\n./Mailbox\n' });
  const never = [64, 65, 70, 76, 77, 78, 100, 112];
  for (const code of [1, 2, 66, 71, 75, 111, 113, 126, 127, 255, ...never]) {
    const { verdict } = await joe.deliver(to(String(code)));
    strictEqual(verdict, never.includes(code) ? 'D' : 'Z', `exit code ${code}`);
  }
  strictEqual((await joe.deliver(to('99'))).text, 'did 0+0+1\n');
  strictEqual(existsSync(`${joe.home}/Mailbox`), false);
  strictEqual((await joe.deliver(to('0'))).text, 'did 1+0+1\n');
});

test('corner case 23: mboxrd, and the order of the lines on top', async () => {
  const joe = place();
  const text = 'From a\n>From b\n>>From c\nFromage\n > From d\nFrom\n\n>From partial';
  await joe.deliver({ body: messageBody(text) });
  strictEqual(
    joe.read('Mailbox'),
    'From s@x.y Thu Nov 05 08:44:38 2026\nReturn-Path: <s@x.y>\nDelivered-To: joe@ref.test\n' +
      '>From a\n>>From b\n>>>From c\nFromage\n > From d\nFrom\n\n>>From partial\n\n',
  );
});

test('corner case 24: Return-Path is quoted where it must be, empty for bounces, and one line', async () => {
  const joe = place();
  for (const name of ['', '/tmp', '/new', '/cur']) mkdirSync(`${joe.home}/Maildir${name}`);
  const expected: Readonly<Record<string, string>> = {
    'a b@h': '<"a b"@h>',
    '': '<>',
    'a"b@h': '<"a\\"b"@h>',
    'a\nb@h': '<"a\\_b"@h>',
    'a@b@h': '<"a@b"@h>',
    '.a@h': '<".a"@h>',
    'plain-+%@h': '<plain-+%@h>',
  };
  for (const [sender, path] of Object.entries(expected)) {
    await joe.deliver({ sender, delivery: './Maildir/' });
    const [name = ''] = readdirSync(`${joe.home}/Maildir/new`);
    strictEqual(joe.read(`Maildir/new/${name}`).split('\n')[0], `Return-Path: ${path}`);
    unlinkSync(`${joe.home}/Maildir/new/${name}`);
  }
});

test('corner case 25: the Received line of the queue names who really called', async (context) => {
  const hub = await hubFor(context);
  const submit = async (user?: string) => {
    const call = {
      stdin: 'Subject: x\n\nbody\n',
      envelope: 'Fs@x\0Tyou@hub.test\0\0',
      env: { QMAILHOME: hub.home },
    };
    const ended =
      user === undefined
        ? await runProgram({ ...call, program: 'qmail-queue' })
        : await runProgram({ ...call, main: asUserEntry(hubUser()), program: user, args: ['qmail-queue'] });
    deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
  };
  await submit();
  if (isRoot) await submit('daemon');
  match(await sendTo(hub.addresses[0], 'you@hub.test'), /^\d+:Kok /);
  await hub.count(/^end msg/, isRoot ? 3 : 2);
  const invoked = hub.messages().map((text) => /^Received: \(qmail \d+ (invoked [^)]*)\);/m.exec(text)?.[1]);
  const own = `invoked by uid ${process.getuid?.()}`;
  const expected = ['invoked from network', own, ...(isRoot ? ['invoked by uid 1'] : [])];
  deepStrictEqual(invoked.sort(), expected.sort());
});
