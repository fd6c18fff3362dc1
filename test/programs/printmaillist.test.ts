import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../support/run-program.ts';

const program = 'printmaillist';

test('entries as lines', async () => {
  const ended = await runProgram({ program, stdin: '&a@b\0/c d\0./\xe9\0' });
  deepStrictEqual(ended, { exit: 0, stdout: '&a@b\n/c d\n./\xe9\n', stderr: '' });
  deepStrictEqual(await runProgram({ program }), { exit: 0, stdout: '', stderr: '' });
});

test('what is no list', async () => {
  const { exit, stderr } = await runProgram({ program, stdin: 'a@b\nc@d\n' });
  strictEqual(exit, 100);
  match(stderr, /^printmaillist: fatal: bad mailing list format/);
  strictEqual((await runProgram({ program, stdin: `/${'x'.repeat(70_000)}\0` })).exit, 111);
});
