import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const permissions = 0o7777;

eachBody('a Maildir has tmp, new and cur, for its owner only', async () => {
  const directory = `${temporaryDirectory()}/box`;
  const ended = await runProgram({ main: satelliteMain, program: 'maildirmake', args: [directory] });
  deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
  deepStrictEqual(readdirSync(directory).sort(), ['cur', 'new', 'tmp']);
  for (const name of ['', 'cur', 'new', 'tmp']) {
    strictEqual(statSync(`${directory}/${name}`).mode & permissions, 0o700);
  }
});

eachBody('a name of any bytes, relative to the current directory', async () => {
  const cwd = temporaryDirectory();
  strictEqual(
    (await runProgram({ main: satelliteMain, program: 'maildirmake', args: ['b\xf6x'], cwd })).exit,
    0,
  );
  deepStrictEqual(readdirSync(cwd, 'latin1'), ['b\xf6x']);
});

eachBody('a directory that exists is a failure that names it, and nothing is made in it', async () => {
  const directory = temporaryDirectory();
  const ended = await runProgram({ main: satelliteMain, program: 'maildirmake', args: [directory] });
  strictEqual(ended.exit, 111);
  match(ended.stderr, /^maildirmake: fatal: unable to make .*: EEXIST/);
  deepStrictEqual(readdirSync(directory), []);
  const inner = `${directory}/missing/box`;
  strictEqual((await runProgram({ main: satelliteMain, program: 'maildirmake', args: [inner] })).exit, 111);
  mkdirSync(`${directory}/missing`);
  strictEqual((await runProgram({ main: satelliteMain, program: 'maildirmake', args: [inner] })).exit, 0);
});

eachBody('calls that make no sense are refused', async () => {
  for (const args of [[], [''], ['a', 'b'], ['-x']]) {
    const ended = await runProgram({
      main: satelliteMain,
      program: 'maildirmake',
      args,
      cwd: temporaryDirectory(),
    });
    strictEqual(ended.exit, 100, JSON.stringify(args));
    match(ended.stderr, /usage: maildirmake DIRECTORY/);
  }
});
