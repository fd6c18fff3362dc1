/**
 * The executables for arm64 at work, under qemu's emulation: a hub, and one message through each program of the
 * satellite on its way there. A program that takes no message and is not known here says how it is used.
 */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { arm64Command } from '../support/arm64.ts';
import { satelliteHome } from '../support/built-hub.ts';
import { temporaryDirectory } from '../support/home.ts';
import { startHub } from '../support/hub.ts';
import { until } from '../support/until.ts';

export interface Emulated {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Emulation {
  readonly executable?: 'mini-qmail' | 'mini-qmail-satellite';
  readonly home: string;
  readonly stdin?: string;
  /** What descriptor 1 is to be read from. */
  readonly envelope?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of an executable for arm64. */
export async function emulate(words: readonly string[], options: Emulation): Promise<Emulated> {
  const { executable = 'mini-qmail-satellite', home, stdin = '', envelope, env } = options;
  const [command = '', ...args] = [...arm64Command(executable), ...words];
  let input: number | undefined;
  if (envelope !== undefined) {
    const path = `${temporaryDirectory()}/envelope`;
    writeFileSync(path, envelope, 'latin1');
    input = openSync(path, 'r');
  }
  const child = spawn(command, args, {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: home, USER: 'joe', ...env },
    stdio: ['pipe', input ?? 'pipe', 'pipe'],
  });
  if (input !== undefined) closeSync(input);
  const said = ['', ''];
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream?.setEncoding('latin1').on('data', (text: string) => {
      said[index] += text;
    });
  }
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin, 'latin1');
  const [exit] = await once(child, 'close');
  return { exit, stdout: said[0] ?? '', stderr: said[1] ?? '' };
}

/** Words, and what they need, by the name of the program that they send a message with: that is its subject. */
type Sending = Readonly<Record<string, readonly [words: readonly string[], more?: Partial<Emulation>]>>;

const to = 'you@hub.test';
const envelope = `Fjoe@box.test\0T${to}\0\0`;

/** What they say on descriptor 2. */
const reports: Readonly<Record<string, string>> = { forward: 'forward: qp N\n' };

/** A program for arm64 in the place of one for this machine. */
function wrapper(...words: readonly string[]): string {
  const path = `${temporaryDirectory()}/program`;
  writeFileSync(
    path,
    `#!/bin/sh\nexec ${arm64Command('mini-qmail-satellite').join(' ')} ${words.join(' ')}\n`,
    {
      mode: 0o755,
    },
  );
  return path;
}

function sendings(): Sending {
  return {
    sendmail: [['-i', to]],
    datemail: [[to]],
    predate: [[wrapper('sendmail', to)]],
    mailsubj: [['mailsubj', to], { stdin: 'a text\n' }],
    'qmail-inject': [[to]],
    'qmail-qmqpc': [[], { envelope }],
    'qmail-queue': [[], { envelope }],
    forward: [[to], { env: { NEWSENDER: 'joe@box.test', DTLINE: 'Delivered-To: joe@box.test\n' } }],
  };
}

/** What the programs that send nothing do with the message in a Maildir, or say of this machine. */
async function others(home: string, text: string): Promise<readonly string[]> {
  const directory = temporaryDirectory();
  const maildir = `${directory}/Maildir`;
  const run = async (words: readonly string[], more: Partial<Emulation> = {}) => {
    const ended = await emulate(words, { home, ...more });
    deepStrictEqual([ended.exit, ended.stderr], [0, ''], words.join(' '));
    return ended.stdout;
  };
  await run(['maildirmake', maildir]);
  writeFileSync(`${maildir}/new/1.1.box`, text, 'latin1');
  // What has come within this second is left for the next look.
  utimesSync(`${maildir}/new/1.1.box`, 1, 1);
  const mbox = `${directory}/mbox`;
  const env = { MAILDIR: maildir, MAIL: mbox, MAILTMP: `${mbox}.tmp` };
  // Without the program sleep it shows what is there, and ends.
  const watched = await emulate(['maildirwatch'], { home, env: { ...env, PATH: directory } });
  match(watched.stdout, /FROM <joe@\S+> TO <you@hub\.test>[\s\S]*a text/);
  match(watched.stderr, /sleep/);
  await run(['maildir2mbox'], { env });
  match(readFileSync(mbox, 'latin1'), /^From joe@\S+ [\s\S]*^Delivered-To: you@hub\.test$/m);
  match(await run(['mailq']), /queue is empty/);
  match(await run(['newaliases']), /no aliases/);
  match(await run(['qmail-showctl']), /qmqpservers/);
  return ['maildirmake', 'maildirwatch', 'maildir2mbox', 'mailq', 'newaliases', 'qmail-showctl'];
}

/** Rejects when a program does not do its work. */
export async function arm64(): Promise<void> {
  const hub = await startHub({ command: arm64Command('mini-qmail') });
  const home = satelliteHome(hub.addresses[0] ?? '');
  const all = sendings();
  for (const [name, [words, more]] of Object.entries(all)) {
    const stdin = `From: joe@box.test\nTo: ${to}\nSubject: ${name}\nMessage-ID: <${name}@box.test>\n\na text\n`;
    const { exit, stderr } = await emulate([name, ...words], { home, stdin, ...more });
    deepStrictEqual([exit, stderr.replace(/qp \d+/, 'qp N')], [0, reports[name] ?? ''], name);
  }
  const names = Object.keys(all);
  await until('the messages', () => (hub.delivered().length >= names.length ? true : undefined));
  const subject = (text: string) => /^Subject: (.*)$/m.exec(text)?.[1];
  deepStrictEqual(hub.messages().map(subject).toSorted(), names.toSorted());
  const tried = [
    ...names,
    ...(await others(home, hub.messages().find((text) => subject(text) === 'sendmail') ?? '')),
  ];
  const [, list = ''] = /^programs: (.*)$/m.exec((await emulate(['--help'], { home })).stdout) ?? [];
  for (const name of list.split(' ').filter((candidate) => !tried.includes(candidate))) {
    match((await emulate([name, '--help'], { home })).stdout, /^usage: /m, name);
  }
  strictEqual(await hub.stop(), 0);
}
