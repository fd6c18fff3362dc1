import { match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesAt } from '../support/alias-peers.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const program = 'newinclude';
const home = temporaryHome();

test('FILE becomes FILE.bin, with names completed by controls and variables', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(`${cwd}/staff`, 'ann, bob@b\n');
  const made = await runProgram({ program, args: ['staff'], cwd, env: { QMAILHOME: home } });
  strictEqual(made.exit, 0, made.stderr);
  strictEqual(bytesAt(`${cwd}/staff.bin`), '&bob@b.ref.test\0&ann@ref.test\0');
  const env = { QMAILHOME: home, QMAILDEFAULTHOST: 'e.x', QMAILDEFAULTDOMAIN: 'd.x' };
  strictEqual((await runProgram({ program, args: ['staff'], cwd, env })).exit, 0);
  strictEqual(bytesAt(`${cwd}/staff.bin`), '&bob@b.d.x\0&ann@e.x\0');
});

test('what goes wrong', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(`${cwd}/staff`, '"|prog"\n');
  const run = (...args: readonly string[]) => runProgram({ program, args, cwd, env: { QMAILHOME: home } });
  const refused = await run('staff');
  strictEqual(refused.exit, 111);
  match(refused.stderr, /^newinclude: fatal: program delivery \|prog not supported/);
  strictEqual((await run('none')).exit, 111);
  match((await run()).stderr, /usage: newinclude FILE/);
  strictEqual((await run('-x', 'staff')).exit, 100);
});
