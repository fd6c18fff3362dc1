import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const clear = '\x1b[;H\x1b[;J';

/** A program in the place of sleep. */
function sleepThat(script: string): string {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/sleep`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${directory}:/usr/bin:/bin`;
}

async function watch(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  return await runProgram({ main: satelliteMain, program: 'maildirwatch', env, args });
}

eachBody('the messages are shown again and again, as long as it can wait', async () => {
  const maildir = makeMaildir();
  maildir.put(
    'new/2',
    `Return-Path: <s@x.y>\nDelivered-To: joe@h\nFrom: "\x1b]0;evil\x07" <s@x.y>\nSubject: hi\n\n${'long '.repeat(100)}`,
  );
  maildir.put('new/1', 'Subject: first\n\n', 1);
  maildir.put('cur/0', 'Subject: seen\n\n', 1);
  const count = `${temporaryDirectory()}/count`;
  const path = sleepThat(`[ "$1" = 30 ] || exit 9\necho >>'${count}'\n[ "$(wc -l <'${count}')" -lt 3 ]`);
  const { exit, stdout, stderr } = await watch({ MAILDIR: maildir.path, PATH: path });
  assert.deepEqual([exit, stderr], [111, '']);
  const shown =
    `${clear}FROM ? TO <?>\nfirst//\n\n` +
    `FROM <s@x.y> TO <joe@h>\n\x1b[1mFrom: "/]0;evil/" <s@x.y>\x1b[0m\nhi//${'long '.repeat(100).slice(0, 154)}\n\n`;
  assert.equal(stdout, shown.repeat(3));
});

eachBody('an empty Maildir is an empty screen', async () => {
  const { path } = makeMaildir();
  const { stdout } = await watch({ MAILDIR: path, PATH: sleepThat('exit 1') });
  assert.equal(stdout, clear);
});

eachBody('without a Maildir, or without sleep', async () => {
  const lost = await watch({});
  assert.deepEqual([lost.exit, lost.stderr], [111, 'maildirwatch: fatal: MAILDIR not set\n']);
  const none = await watch({ MAILDIR: '/nonexistent' });
  assert.equal(none.exit, 111);
  assert.match(none.stderr, /^maildirwatch: fatal: .*ENOENT/);
  const { path } = makeMaildir();
  assert.match((await watch({ MAILDIR: path, PATH: '/nonexistent' })).stderr, /unable to run sleep: ENOENT/);
  assert.equal((await watch({ MAILDIR: path }, ['x'])).exit, 100);
});
