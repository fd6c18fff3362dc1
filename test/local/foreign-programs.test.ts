/** Programs of others around a delivery: filters that .qmail files name, and mail readers that open what we have written. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deliverLocally } from '../../src/local/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';

const path = '/usr/local/bin:/usr/bin:/bin';

/** Delivers to joe@ref.test, whose .qmail file this is. */
async function deliver(home: string, qmail: string, message: string): Promise<Answer> {
  writeFileSync(`${home}/.qmail`, qmail);
  const system = nodeSystem([]);
  return await deliverLocally(
    {
      user: 'joe',
      home,
      local: 'joe',
      dash: '',
      extension: '',
      domain: 'ref.test',
      delivery: '#',
      sender: 's@x.y',
      body: messageBody(message),
      nowMs: Date.now(),
    },
    {
      system: { ...system, env: (name) => (name === 'QMAILHOME' ? installation() : undefined) },
      queue: () => Promise.reject(new Error('nothing is forwarded here')),
    },
  );
}

let installed: string | undefined;

/** A home of the system with bin/preline. */
function installation(): string {
  if (installed === undefined) {
    installed = temporaryDirectory();
    mkdirSync(`${installed}/bin`);
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const script = `#!/bin/sh\nexec '${process.execPath}' '${main}' preline "$@"\n`;
    writeFileSync(`${installed}/bin/preline`, script, { mode: 0o755 });
  }
  return installed;
}

/** The messages in a Maildir's new/. */
function messagesIn(maildir: string): readonly string[] {
  return readdirSync(`${maildir}/new`).map((name) => readFileSync(`${maildir}/new/${name}`, 'latin1'));
}

const wanted = 'From: a@b.c\nSubject: wanted\n\nbody\n';

test('procmail, with the lines on top that preline gives', needs('procmail'), async () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/rc`, 'MAILDIR=.\nDEFAULT=other/\n:0\n* ^Subject: wanted\nwanted/\n', {
    mode: 0o600,
  });
  const qmail = '|preline procmail ./rc\n';
  deepStrictEqual(await deliver(home, qmail, wanted), { verdict: 'K', text: 'did 0+0+1\n' });
  deepStrictEqual((await deliver(home, qmail, 'Subject: no\n\nbody\n')).verdict, 'K');
  const [text = ''] = messagesIn(`${home}/wanted`);
  match(
    text,
    /^Return-Path: <s@x\.y>\nDelivered-To: joe@ref\.test\nFrom: a@b\.c\nSubject: wanted\n\nbody\n$/,
  );
  strictEqual(messagesIn(`${home}/other`).length, 1);
});

test('procmail that asks for another time, and one that refuses', needs('procmail'), async () => {
  const home = temporaryDirectory();
  const rc = (exit: number) => `MAILDIR=.\nEXITCODE=${exit}\nHOST\n`;
  writeFileSync(`${home}/rc`, rc(75));
  strictEqual((await deliver(home, '|procmail ./rc\n', wanted)).verdict, 'Z');
  writeFileSync(`${home}/rc`, rc(77));
  strictEqual((await deliver(home, '|procmail ./rc\n', wanted)).verdict, 'D');
});

test('maildrop', needs('maildrop'), async () => {
  const home = temporaryDirectory();
  const rules = 'if (/^Subject: wanted/)\n{\n  to "./Wanted"\n}\necho "not here"\nEXITCODE=77\nexit\n';
  writeFileSync(`${home}/rules`, rules, { mode: 0o600 });
  const qmail = '|preline -f maildrop ./rules\n';
  deepStrictEqual(await deliver(home, qmail, wanted), { verdict: 'K', text: 'did 0+0+1\n' });
  match(
    readFileSync(`${home}/Wanted`, 'latin1'),
    /\nDelivered-To: joe@ref\.test\n.*Subject: wanted\n\nbody\n/s,
  );
  const refused = await deliver(home, qmail, 'Subject: no\n\nbody\n');
  deepStrictEqual([refused.verdict, refused.text.includes('not here')], ['D', true]);
});

/** A home with a Maildir in which there are these messages. */
async function maildirOf(messages: readonly string[]): Promise<string> {
  const home = temporaryDirectory();
  for (const name of ['', '/tmp', '/new', '/cur']) mkdirSync(`${home}/Maildir${name}`);
  for (const message of messages) strictEqual((await deliver(home, './Maildir/\n', message)).verdict, 'K');
  return home;
}

const messages = [wanted, 'From: d@e.f\nSubject: second\n\nFrom the second\n'];

test(
  'mblaze lists, shows and files what is in our Maildirs',
  needs('mlist', 'mscan', 'mshow', 'minc'),
  async () => {
    const home = await maildirOf(messages);
    const shell = (command: string) =>
      spawnSync('/bin/sh', ['-c', command], {
        cwd: home,
        env: { HOME: home, PATH: path },
        encoding: 'latin1',
      });
    strictEqual(shell('mlist Maildir | mscan -f %s | sort').stdout, 'second\nwanted\n');
    match(
      shell('mshow -q -h return-path:delivered-to $(mlist Maildir | head -1)').stdout,
      /<s@x\.y>.*joe@ref\.test/s,
    );
    strictEqual(shell('minc Maildir | wc -l').stdout.trim(), '2');
    strictEqual(readdirSync(`${home}/Maildir/cur`).length, 2);
  },
);

test('mutt reads them, byte for byte', needs('mutt', 'script'), async () => {
  const home = await maildirOf(messages);
  writeFileSync(
    `${home}/muttrc`,
    'set folder=. quit=yes wait_key=no sleep_time=0 pipe_decode=no header_cache=""\n',
  );
  const keys = '<tag-pattern>~A<enter><tag-prefix><pipe-message>cat >>piped<enter><exit>';
  // The terminal's input stays open: script would pass its end on as a key.
  const child = spawn(
    'script',
    ['-qec', `mutt -n -F muttrc -R -f Maildir -e 'push "${keys}"'`, '/dev/null'],
    {
      cwd: home,
      env: { HOME: home, PATH: path, TERM: 'vt100' },
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: 20_000,
    },
  );
  deepStrictEqual(await once(child, 'exit'), [0, null]);
  const head = 'Return-Path: <s@x.y>\nDelivered-To: joe@ref.test\n';
  const piped = readFileSync(`${home}/piped`, 'latin1');
  const whole = messages.map((message) => head + message);
  deepStrictEqual(
    whole.filter((text) => !piped.includes(text)),
    [],
  );
  // An empty line is all that comes between them.
  strictEqual(piped.trimEnd().length, whole.join('\n').trimEnd().length);
});
