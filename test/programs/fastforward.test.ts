/** fastforward as the C programs recorded it, and what they were not asked. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesAt, callHere } from '../support/alias-peers.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { vectors } from '../support/vectors.ts';

interface Check {
  readonly recipient: string;
  readonly opt: string;
}

interface FastforwardCase {
  readonly name: string;
  readonly input: string;
  readonly checks?: readonly Check[];
}

const directory = temporaryDirectory();
let counter = 0;

/** A database of a table, and how setforward ended. */
async function makeDatabase(table: string) {
  counter += 1;
  const path = `${directory}/${counter}.cdb`;
  const made = await callHere({ program: 'setforward', args: [path, `${path}.tmp`], stdin: table });
  return { path, ...made };
}

/** What -n prints is compared as it is; what is wrong is said in our own words. */
function wording(stderr: string): readonly string[] {
  return stderr.split('\n').filter((line) => !line.startsWith('fastforward: '));
}

vectors<FastforwardCase>({
  file: 'fastforward.json',
  views: {
    checks: (checks) =>
      (checks as readonly { stderr: string }[]).map((check) => ({ ...check, stderr: wording(check.stderr) })),
  },
  run: async ({ input, checks = [] }) => {
    const { path, exit, stderr } = await makeDatabase(input);
    const cdb = bytesAt(path);
    const printed = await runProgram({ program: 'printforward', stdin: cdb ?? '', seekable: true });
    const checked = [];
    for (const { recipient, opt } of checks) {
      const env = { RECIPIENT: recipient, SENDER: 's@x.y' };
      const ended = await callHere({ program: 'fastforward', args: [opt, path], env });
      checked.push({ recipient, opt, ...ended });
    }
    return { exit, stderr, cdb, printforward: printed.stdout, checks: checked };
  },
});

const lines = {
  UFLINE: 'From s@x.y Mon Jan  1 00:00:00 2024\n',
  RPLINE: 'Return-Path: <s@x.y>\n',
  DTLINE: 'Delivered-To: a@x\n',
};

const home = temporaryHome();

async function forward(
  table: string,
  options: Partial<{ env: Record<string, string>; seekable: boolean; args: string[]; exit: number }> = {},
) {
  const { path } = await makeDatabase(table);
  const queue = captureQueue({ exit: options.exit ?? 0 });
  const ended = await runProgram({
    program: 'fastforward',
    args: [...(options.args ?? []), path],
    env: {
      QMAILHOME: home,
      QMAILQUEUE: queue.program,
      RECIPIENT: 'a@x',
      SENDER: 's@x.y',
      ...lines,
      ...options.env,
    },
    stdin: 'Subject: x\n\nbody\n',
    seekable: options.seekable ?? true,
  });
  return { ...ended, message: queue.message(), envelope: queue.envelope() };
}

test('the message goes on with its Delivered-To line, and the number of the queue is told', async () => {
  deepStrictEqual(await forward('a@x: b@y.z, c@y.z;'), {
    exit: 0,
    stdout: '',
    stderr: 'fastforward: qp 0\n',
    message: `${lines.DTLINE}Subject: x\n\nbody\n`,
    envelope: 'Fs@x.y\0Tb@y.z\0Tc@y.z\0\0',
  });
});

test('from a pipe, and for several programs, the message is whole each time', async () => {
  const program = (name: string) => `cat\\ >${directory}/${name}`;
  for (const seekable of [true, false]) {
    const ended = await forward(`a@x: |${program('one')}, !${program('two')}, |true, b@y.z;`, { seekable });
    strictEqual(ended.exit, 0, ended.stderr);
    strictEqual(bytesAt(`${directory}/one`), 'Subject: x\n\nbody\n');
    strictEqual(bytesAt(`${directory}/two`), `${Object.values(lines).join('')}Subject: x\n\nbody\n`);
    strictEqual(ended.message, `${lines.DTLINE}Subject: x\n\nbody\n`);
  }
});

test('a program that fails ends it, and nothing is sent', async () => {
  for (const [code, exit] of [
    [1, 111],
    [99, 111],
    [100, 100],
    [64, 100],
  ]) {
    const ended = await forward(`a@x: |exit\\ ${code}, |touch\\ ${directory}/later, b@y.z;`);
    deepStrictEqual([ended.exit, ended.stderr, ended.message], [exit, '', null]);
    strictEqual(bytesAt(`${directory}/later`), null);
  }
  const crashed = await forward('a@x: |kill\\ -9\\ $$, b@y.z;');
  strictEqual(crashed.exit, 111);
  match(crashed.stderr, /crashed/);
});

test('a program behind ! needs the lines of the delivery', async () => {
  const { path } = await makeDatabase('a@x: !cat;');
  const ended = await runProgram({ program: 'fastforward', args: [path], env: { RECIPIENT: 'a@x' } });
  strictEqual(ended.exit, 100);
  match(ended.stderr, /UFLINE not set/);
});

test('no program runs while a list behind it cannot be read', async () => {
  const list = `${directory}/closed.bin`;
  writeFileSync(list, '&b@y.z\0');
  chmodSync(list, 0o640);
  const ended = await forward(`a@x: |touch\\ ${directory}/early, ${list};`);
  strictEqual(ended.exit, 111);
  match(ended.stderr, /closed\.bin is not readable by everybody/);
  strictEqual(bytesAt(`${directory}/early`), null);
});

test('what the queue says decides', async () => {
  const refused = await forward('a@x: b@y.z;', { exit: 31 });
  strictEqual(refused.exit, 100);
  match(refused.stderr, /^fastforward: fatal: unable to forward message: .*\(#5\.3\.0\)/);
  strictEqual((await forward('a@x: b@y.z;', { exit: 53 })).exit, 111);
});

test('a shell sees an address in no form', async () => {
  const ended = await forward('a@x: b@y.z, |printenv\\ RECIPIENT;@x: |printenv\\ RECIPIENT;', {
    env: { RECIPIENT: `$(touch ${directory}/owned)@x` },
  });
  deepStrictEqual([ended.exit, ended.stdout], [0, `$(touch ${directory}/owned)@x\n`]);
  strictEqual(bytesAt(`${directory}/owned`), null);
});

test('with -p and -d, in every order the last of two counts', async () => {
  const { path } = await makeDatabase('a@x: b@y.z;');
  const exit = async (args: readonly string[], env: Record<string, string>) =>
    (await callHere({ program: 'fastforward', args: [...args, '-n', path], env })).exit;
  strictEqual(await exit(['-p'], { RECIPIENT: 'a@x' }), 99);
  strictEqual(await exit(['-p'], { RECIPIENT: 'c@x' }), 0);
  strictEqual(await exit(['-pP'], { RECIPIENT: 'c@x' }), 100);
  strictEqual(await exit(['-d'], { DEFAULT: 'a', EXT: 'list-a', HOST: 'x' }), 0);
  strictEqual(await exit(['-d'], { EXT: 'a', HOST: 'x' }), 0);
  strictEqual(await exit(['-dD'], { EXT: 'a', HOST: 'x' }), 100);
  strictEqual(await exit(['-d'], { EXT: 'a' }), 100);
  strictEqual(await exit(['-d'], { HOST: 'x' }), 100);
});

test('calls that make no sense, and databases that are none', async () => {
  const call = (...args: readonly string[]) =>
    callHere({ program: 'fastforward', args, env: { RECIPIENT: 'a@x' } });
  match((await call()).stderr, /usage: fastforward/);
  strictEqual((await call('-z', 'x')).exit, 100);
  strictEqual((await call(`${directory}/none.cdb`)).exit, 111);
  writeFileSync(`${directory}/short.cdb`, 'too short');
  strictEqual((await call(`${directory}/short.cdb`)).exit, 111);
});
