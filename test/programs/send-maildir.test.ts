import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type SendMaildir, sendMaildir } from '../../src/programs/send-maildir.ts';
import type { SerialBounce } from '../../src/programs/serial-bounce.ts';
import { runSerialClient } from '../../src/programs/serial-client.ts';
import { type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type Maildir, makeMaildir } from '../support/maildir.ts';

const system = nodeSystem([]);

/** A shell script that runs for each name with NAME set, and writes its report with say LETTER TEXT. */
function clientThat(script: string): readonly string[] {
  const path = `${temporaryDirectory()}/client`;
  const text = `#!/bin/sh
say() { printf '%s\\0%s\\n' "$NAME" "$1"; }
tr '\\0' '\\n' | while IFS= read -r NAME; do
${script}
done
`;
  writeFileSync(path, text, { mode: 0o755 });
  return [path];
}

function withMessages(...names: readonly string[]): Maildir {
  const maildir = makeMaildir();
  names.forEach((name, index) => {
    maildir.put(name, `Return-Path: <s@x>\nDelivered-To: pre-${name}@h\nSubject: ${name}\n\n`, index + 1);
  });
  return maildir;
}

async function send(
  maildir: Maildir,
  client: readonly string[],
  options: Partial<SendMaildir> = {},
  on: System = system,
) {
  const said: string[] = [];
  const exit = await sendMaildir(on, {
    directory: maildir.path,
    prefix: '',
    client: (run) => runSerialClient({ command: client, ...run }),
    lifetimeMs: undefined,
    bounce: undefined,
    say: (text) => said.push(text),
    ...options,
  });
  const left = ['new', 'cur'].flatMap((part) =>
    readdirSync(`${maildir.path}/${part}`).map((name) => `${part}/${name}`),
  );
  return { exit, said, left };
}

test('what was sent is removed, the oldest first', async () => {
  const maildir = withMessages('new/1', 'cur/2:2,S', 'new/3');
  const { exit, said, left } = await send(maildir, clientThat('grep -q Subject "$NAME" && say "Kok $NAME"'));
  assert.deepEqual([exit, left], [0, []]);
  assert.deepEqual(said, [
    'info: new/1 succeeded: ok new/1',
    'info: cur/2:2,S succeeded: ok cur/2:2,S',
    'info: new/3 succeeded: ok new/3',
  ]);
});

test('what failed stays, and is tried once', async () => {
  const maildir = withMessages('new/1', 'new/2', 'new/3');
  const client = clientThat('case $NAME in new/1) say Dnever;; new/2) say Zlater;; *) say Kok;; esac');
  const { exit, said, left } = await send(maildir, client);
  assert.deepEqual([exit, left.sort()], [111, ['new/1', 'new/2']]);
  assert.deepEqual(said, [
    'info: new/1 failed: never',
    'info: new/2 failed temporarily: later',
    'info: new/3 succeeded: ok',
  ]);
});

test('only messages to recipients with the prefix are sent', async () => {
  const maildir = withMessages('new/1', 'new/2');
  maildir.put('new/3', 'Subject: no head\n\n', 3);
  const { exit, left } = await send(maildir, clientThat('say Kok'), { prefix: 'pre-new/1' });
  assert.deepEqual([exit, left.sort()], [0, ['new/2', 'new/3']]);
});

test('the client is run again while it makes progress, and not for ever when it makes none', async () => {
  const maildir = withMessages('new/1', 'new/2', 'new/3');
  const one = clientThat('say Kok; exit 0');
  assert.deepEqual((await send(maildir, one)).exit, 0);
  const other = withMessages('new/1');
  const count = `${temporaryDirectory()}/count`;
  const { exit, said, left } = await send(other, clientThat(`echo >>'${count}'`));
  assert.deepEqual([exit, left], [111, ['new/1']]);
  assert.deepEqual(said, ['fatal: making no progress, giving up']);
  assert.equal(readFileSync(count, 'latin1').length, 3);
});

test('what the client reports of others is not believed', async () => {
  const maildir = withMessages('new/1');
  const precious = `${temporaryDirectory()}/precious`;
  writeFileSync(precious, 'x');
  const script = `one=$NAME; NAME='${precious}'; say Kok; NAME=$one; say Kok; say Kok`;
  const { exit, said } = await send(maildir, clientThat(script));
  assert.equal(exit, 0);
  assert.ok(existsSync(precious));
  assert.equal(said.filter((text) => text.includes('which it was not given')).length, 2);
});

test('what is given up is bounced, and removed when that is done', async () => {
  const maildir = withMessages('new/1', 'new/2', 'new/3', 'new/4');
  const bounced: string[] = [];
  const outcomes: readonly SerialBounce[] = [
    { kind: 'returned', qp: '7' },
    { kind: 'triple' },
    { kind: 'not-bounced', problem: 'full' },
  ];
  const { exit, said, left } = await send(
    maildir,
    clientThat('[ "$NAME" = new/4 ] && say Kok || say Dnever'),
    {
      bounce: async (path, report) => {
        bounced.push(`${path.slice(-5)} ${report}`);
        return outcomes[bounced.length - 1] ?? assert.fail('too many');
      },
    },
  );
  assert.deepEqual([exit, left], [111, ['new/3']]);
  assert.deepEqual(bounced, ['new/1 never\n', 'new/2 never\n', 'new/3 never\n']);
  assert.deepEqual(said, [
    'info: new/1 bounced: never',
    'info: returned new/1: qp 7',
    'info: new/2 bounced: never',
    'info: discarding new/2: triple bounce',
    'info: new/3 bounced: never',
    'warning: unable to bounce new/3: full',
    'info: new/4 succeeded: ok',
  ]);
});

test('what is too old is given up when it fails for now, and not when it was sent', async () => {
  const maildir = withMessages('new/1', 'new/2');
  maildir.put('new/3', 'x\n', Date.now() / 1000 - 100);
  const reports: string[] = [];
  const { exit, left } = await send(maildir, clientThat('[ "$NAME" = new/1 ] && say Kok || say Zlater'), {
    lifetimeMs: 3_600_000,
    bounce: async (_path, report) => {
      reports.push(report);
      return { kind: 'returned', qp: '1' };
    },
  });
  assert.deepEqual([exit, left], [111, ['new/3']]);
  assert.deepEqual(reports, ['later\nIt has been here too long; no further attempt is made.\n']);
});

test('a client that crashes, gives up or says nonsense ends it', async () => {
  const end = async (script: string) => {
    const { exit, said, left } = await send(withMessages('new/1', 'new/2'), ['sh', '-c', script]);
    return [exit, said.at(-1), left.length];
  };
  const one = 'printf "new/1\\0Kok\\n"';
  assert.deepEqual(await end(`${one}; kill -9 $$`), [111, 'fatal: client crashed', 1]);
  assert.deepEqual(await end(`${one}; exit 100`), [100, 'info: new/1 succeeded: ok', 1]);
  assert.deepEqual(await end('yes 2>/dev/null'), [111, 'fatal: the client does not report as it should', 2]);
});

test('a message that cannot be removed is not sent again', async () => {
  const maildir = withMessages('new/1');
  const unlink = () => {
    throw new SystemError('EACCES', 'EACCES');
  };
  const stubborn = { ...system, files: { ...system.files, unlink } };
  const { exit, said, left } = await send(maildir, clientThat('say Kok'), {}, stubborn);
  assert.deepEqual([exit, left], [111, ['new/1']]);
  assert.deepEqual(said, ['info: new/1 succeeded: ok', 'warning: sent but not removed: new/1: EACCES']);
});
