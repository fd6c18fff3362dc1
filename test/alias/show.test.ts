/** src/alias/show.ts reads descriptor 0 itself, so it runs in a process of its own. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bytesAt, callHere } from '../support/alias-peers.ts';
import { temporaryDirectory } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const path = `${temporaryDirectory()}/table.cdb`;
const table = `a@b: c@d;${Array.from({ length: 3000 }, (_, index) => `u${index}@: x@y;`).join('')}`;
await callHere({ program: 'setforward', args: [path, `${path}.tmp`], stdin: table });
const database = bytesAt(path) ?? '';

function print(stdin: string, seekable: boolean, program = 'printforward') {
  return runProgram({ program, stdin, seekable });
}

test('a database from a file and from a pipe', async () => {
  const file = await print(database, true);
  strictEqual(file.exit, 0, file.stderr);
  match(file.stdout, /^a@b:\n, &c@d\n;\nu0@:\n, &x@y\n;\n/);
  deepStrictEqual(await print(database, false), file);
});

test('what is no database', async () => {
  for (const stdin of ['', 'short', database.slice(0, -1), database.slice(0, 2050)]) {
    const { exit, stderr } = await print(stdin, stdin !== '');
    strictEqual(exit, 100);
    match(stderr, /^printforward: fatal: bad database format/);
  }
});

test('a list', async () => {
  deepStrictEqual(await print('&a@b\0/c\0', false, 'printmaillist'), {
    exit: 0,
    stdout: '&a@b\n/c\n',
    stderr: '',
  });
  strictEqual((await print('&a@b', false, 'printmaillist')).exit, 100);
});
