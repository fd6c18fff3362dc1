import { match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesAt } from '../support/alias-peers.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const home = temporaryHome();
const directory = temporaryDirectory();
const path = `${directory}/aliases`;

function run(program: string, ...args: readonly string[]) {
  return runProgram({ program, args, env: { QMAILHOME: home, QMAILDEFAULTHOST: 'not.this' } });
}

test('newaliases and qmail-newaliases make a database that fastforward reads', async () => {
  for (const [index, program] of ['newaliases', 'qmail-newaliases'].entries()) {
    writeFileSync(path, `root: ann${index}, bob@x.y\nowner-root: boss\n`);
    strictEqual((await run(program, path)).stderr, '');
    const { stderr } = await runProgram({
      program: 'fastforward',
      args: ['-nd', `${path}.cdb`],
      env: { DEFAULT: 'Root', HOST: 'any.where', SENDER: 's@x' },
    });
    strictEqual(stderr, `from <owner-root@ref.test>\nto <bob@x.y>\nto <ann${index}@ref.test>\n`);
  }
});

test('what is wrong leaves the old database alone', async () => {
  const before = bytesAt(`${path}.cdb`);
  writeFileSync(path, 'root: /var/mail/root\n');
  const refused = await run('newaliases', path);
  strictEqual(refused.exit, 111);
  match(refused.stderr, /^newaliases: fatal: file delivery \/var\/mail\/root not supported/);
  writeFileSync(path, `root: ${'x'.repeat(800)}\n`);
  strictEqual((await run('newaliases', path)).exit, 100);
  strictEqual((await run('newaliases', `${directory}/none`)).exit, 111);
  strictEqual((await run('newaliases', path, path)).exit, 100);
  strictEqual(bytesAt(`${path}.cdb`), before);
  strictEqual(bytesAt(`${path}.tmp`), null);
});

test('a last line without its end is told of', async () => {
  writeFileSync(path, 'root: ann\nlast: bob');
  const { exit, stderr } = await run('newaliases', path);
  strictEqual(exit, 0);
  match(stderr, /^newaliases: warning: .*aliases: the last line has no newline/);
});
