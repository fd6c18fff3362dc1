import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bytesAt } from '../support/alias-peers.ts';
import { temporaryDirectory } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const program = 'setforward';

test('it makes its file by way of another, as a process', async () => {
  const directory = temporaryDirectory();
  const args = [`${directory}/out`, `${directory}/tmp`];
  const made = await runProgram({ program, args, stdin: 'a@b: c@d;' });
  strictEqual(made.exit, 0, made.stderr);
  ok(bytesAt(`${directory}/out`)?.includes(':a@b&c@d\0'));
  const before = bytesAt(`${directory}/out`);
  const failed = await runProgram({ program, args, stdin: 'a@b: c@d' });
  strictEqual(failed.exit, 100);
  match(failed.stderr, /^setforward: fatal: /);
  strictEqual(bytesAt(`${directory}/out`), before);
  strictEqual(bytesAt(`${directory}/tmp`), null);
});

test('a file that cannot be made', async () => {
  const nowhere = `${temporaryDirectory()}/none`;
  const { exit, stderr } = await runProgram({ program, args: [`${nowhere}/out`, `${nowhere}/tmp`] });
  strictEqual(exit, 111);
  match(stderr, /ENOENT/);
});

test('calls that make no sense', async () => {
  for (const args of [[], ['one'], ['-x', 'one', 'two']]) {
    const { exit, stderr } = await runProgram({ program, args });
    strictEqual(exit, 100);
    match(stderr, /usage: setforward/);
  }
});
