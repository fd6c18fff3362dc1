import { rejects, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runProgramAside } from '../../src/process/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { script } from '../support/script.ts';

const { files } = nodeSystem([]);

test('a program finds the descriptors that it was given, and no others', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/input`, 'in');
  const input = files.open(`${directory}/input`, 'read');
  const output = files.open(`${directory}/output`, 'create');
  const program = script('cat; echo "$1 $NAME" >&6; test -e /proc/self/fd/5 && cat <&5; exit 7');
  const exit = await runProgramAside({
    program,
    args: ['an argument'],
    descriptors: { 0: input, 1: output, 6: output },
    env: { NAME: 'value' },
  });
  files.close(input);
  files.close(output);
  strictEqual(exit, 7);
  strictEqual(readFileSync(`${directory}/output`, 'latin1'), 'inan argument value\n');
});

test('a signal is no exit code', async () => {
  strictEqual(await runProgramAside({ program: script('kill -9 $$'), args: [], descriptors: {} }), undefined);
});

test('a program that cannot be started is an error that names it', async () => {
  const program = `${temporaryDirectory()}/missing`;
  await rejects(runProgramAside({ program, args: [], descriptors: {} }), {
    name: 'SystemError',
    code: 'ENOENT',
    message: `${program}: ENOENT`,
  });
});

test('the process goes on while it runs', async () => {
  const directory = temporaryDirectory();
  const program = script(`while [ ! -e ${directory}/go ]; do sleep 0.01; done`);
  const ended = runProgramAside({ program, args: [], descriptors: {} });
  await new Promise(setImmediate);
  writeFileSync(`${directory}/go`, '');
  strictEqual(await ended, 0);
});
