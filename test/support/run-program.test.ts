/** The process runner and the stand-in for qmail-queue: every byte passes, both ways. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { captureQueue, temporaryHome } from './home.ts';
import { runProgram, satelliteMain } from './run-program.ts';

const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

test('bytes over 127 reach arguments, variables and descriptor 0, and come back', async () => {
  const env = { QMAILHOME: temporaryHome(), USER: "j'\xe9" };
  const args = ['-n', '-f\xff@h.x'];
  const stdin = `To: a@b.c\n\n${everyByte}\n`;
  const { exit, stdout } = await runProgram({
    program: 'qmail-inject',
    args,
    env,
    stdin,
    main: satelliteMain,
  });
  strictEqual(exit, 0);
  const lines = stdout.split('\n');
  strictEqual(lines[0], 'Return-Path: <"\xff"@h.x>');
  strictEqual(lines[3], 'From: "j\'\xe9"@ref.test');
  strictEqual(stdout.endsWith(`\n\n${everyByte}\n`), true);
});

test('the stand-in keeps message and envelope, and answers as it is told', () => {
  const capture = captureQueue({ exit: 82, custom: 'Dno' });
  deepStrictEqual([capture.message(), capture.envelope()], [null, null]);
  const script = `printf 'message' | "$0" 1<"$1" 6>"$1.6"; echo $?; cat "$1.6"`;
  const file = `${capture.program}.input`;
  const run = spawnSync('sh', ['-c', `printf 'Fa\\0Tb\\0\\0' >"$1"; ${script}`, capture.program, file]);
  strictEqual(run.stdout.toString(), '82\nDno');
  deepStrictEqual([capture.message(), capture.envelope()], ['message', 'Fa\0Tb\0\0']);
});
