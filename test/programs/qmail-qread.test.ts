import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { openSteeredQueue } from '../support/steered-queue.ts';

function qread(home: string, ...args: readonly string[]) {
  return runHere(home, 'qmail-qread', ...args);
}

/** The sizes are those of the Received fields too. */
function settled(output: string): readonly string[] {
  return output.replaceAll(/(#\d+) {2}\d+ {2}</g, '$1  BYTES  <').split('\n');
}

const start = [
  '5 Nov 2026 08:44:38 GMT  #1  BYTES  <root@one.example>  bouncing',
  '\tlocal\tjoe@ref.test',
  '\tremote\tfar@two.example',
  '  done\tremote\tgone@Two.example',
  '5 Nov 2026 08:45:38 GMT  #2  BYTES  <> ',
  '\tremote\theld@three.example',
];

test('lists messages and recipients as the original does, whether the hub runs or not', async () => {
  const { home, close } = await openSteeredQueue();
  const running = await runProgram({ program: 'qmail-qread', env: { QMAILHOME: home } });
  deepStrictEqual([running.exit, running.stderr], [0, '']);
  deepStrictEqual(settled(running.stdout).slice(0, start.length), start);
  await close();
  deepStrictEqual(await qread(home), running);
  writeFileSync(`${home}/control/virtualdomains`, 'three.example:three\n');
  match((await qread(home)).stdout, /\n\tlocal\tthree-held@three\.example\n/);
});

test('with a filter, in each form', async () => {
  const { home, close } = await openSteeredQueue();
  await close();
  const classic = await qread(home, '--state', 'held');
  deepStrictEqual(settled(classic.stdout), [...start.slice(4, 6), '']);
  const long = await qread(home, '-l', '--sender', '', '--state', 'held');
  deepStrictEqual(settled(long.stdout), [...start.slice(4, 6), '\t\theld, 0 attempts', '']);
  const json = await qread(home, '--json', '--domain', '.two.example', '--recipient', 'x3@sub.two.example');
  const { recipient, state, id } = JSON.parse(json.stdout);
  deepStrictEqual([recipient, state, id], ['x3@sub.two.example', 'fresh', '<five@one.example>']);
  const none = await qread(home, '--message', '99');
  deepStrictEqual(none, { exit: 0, stdout: '', stderr: '' });
});

test('without a queue, and called wrongly', async () => {
  const home = temporaryHome();
  const none = await qread(home);
  strictEqual(none.exit, 111);
  match(none.stderr, /^qmail-qread: fatal: .*there is no queue/);
  strictEqual((await qread(home, '-x')).exit, 100);
  strictEqual((await qread(home, 'x')).exit, 100);
  const wrong = await qread(home, '--state', 'asleep');
  strictEqual(wrong.exit, 100);
  match(wrong.stderr, /^qmail-qread: there is no state asleep\nusage: qmail-qread /);
});
