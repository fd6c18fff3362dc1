import { strictEqual } from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runCommand } from '../../src/alias/run-command.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const directory = temporaryDirectory();

/** What the command wrote to `$directory/out`, and how it ended. */
function run(command: string, env: Readonly<Record<string, string>> = {}) {
  const real = nodeSystem([]);
  const system: System = { ...real, env: (name) => env[name] };
  writeFileSync(`${directory}/in`, 'input\n');
  const input = openSync(`${directory}/in`, 'r');
  try {
    const exit = runCommand(system, command.replaceAll('OUT', `${directory}/out`), input);
    return { exit, said: readFileSync(`${directory}/out`, 'latin1') };
  } finally {
    closeSync(input);
  }
}

test('a command has its input and its exit code', () => {
  const { exit, said } = run('cat >OUT; exit 7');
  strictEqual(exit, 7);
  strictEqual(said, 'input\n');
  strictEqual(run('kill -9 $$; echo >OUT').exit, undefined);
});

test('bytes that are no UTF-8 reach the command as they are', () => {
  const command =
    "{ cat; printf '%s' '\xe9 $HOME '\n  printenv SENDER; printenv DTLINE; } >OUT; exit 3 # \xe9";
  const { exit, said } = run(command, {
    SENDER: "\xe9'$(exit 9)`exit 9`\\n@x",
    DTLINE: 'Delivered-To: \xe9\n',
  });
  strictEqual(said, "input\n\xe9 $HOME \xe9'$(exit 9)`exit 9`\\n@x\nDelivered-To: \xe9\n\n");
  strictEqual(exit, 3);
});

test('no descriptor of ours stays open in it', () => {
  const list = 'ls /proc/self/fd >OUT';
  const plain = run(list).said;
  strictEqual(run(`${list} # \xe9`).said, plain);
});
