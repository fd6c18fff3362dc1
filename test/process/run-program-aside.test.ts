import { rejects, strictEqual } from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runProgramAside } from '../../src/process/index.ts';
import { SystemError } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const sh = (script: string, ...args: readonly string[]) => ({
  program: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
  descriptors: {},
});

test('the exit code, and none when a signal ended it', async () => {
  strictEqual(await runProgramAside(sh('exit 0')), 0);
  strictEqual(await runProgramAside(sh('exit 82')), 82);
  strictEqual(await runProgramAside(sh('kill -9 $$')), undefined);
});

test('a program finds the descriptors and variables that are named, and no others', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/in`, 'message');
  const input = openSync(`${directory}/in`, 'r');
  strictEqual(input > 6, true);
  const output = openSync(`${directory}/out`, 'w');
  const exit = await runProgramAside({
    ...sh(
      'cat >&6; echo " $PROTO" >&6; for n; do test -e /proc/$$/fd/$n || echo "no $n" >&6; done',
      `${input}`,
    ),
    descriptors: { 0: input, 6: output },
    env: { PROTO: 'TCP' },
  });
  closeSync(input);
  closeSync(output);
  strictEqual(exit, 0);
  strictEqual(readFileSync(`${directory}/out`, 'latin1'), `message TCP\nno ${input}\n`);
});

test('other work goes on meanwhile', async () => {
  const directory = temporaryDirectory();
  const running = runProgramAside(sh('until [ -e "$1" ]; do sleep 0.01; done', `${directory}/go`));
  await turn();
  writeFileSync(`${directory}/go`, '');
  strictEqual(await running, 0);
});

test('a program that cannot be started is named', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/text`, 'no program', { mode: 0o644 });
  await rejects(runProgramAside({ program: `${directory}/none`, args: [], descriptors: {} }), (error) => {
    strictEqual(error instanceof SystemError && error.code, 'ENOENT');
    strictEqual(String(error), `SystemError: ${directory}/none: ENOENT`);
    return true;
  });
  await rejects(runProgramAside({ program: `${directory}/text`, args: [], descriptors: {} }), {
    code: 'EACCES',
  });
});
