/** The native satellite on other machines: each of them delivers a message, under qemu's emulation. */
import { deepStrictEqual, match } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tinyTargets } from '../../build/tiny-compiler.ts';
import { needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { top } from '../support/top.ts';

const message = 'From: me@ref.test\nTo: you@hub.example\n\nHello from afar\n';

for (const { name, arch, emulator } of tinyTargets.filter((target) => target.arch !== process.arch)) {
  const executable = join(top, 'dist', name, 'mini-qmail-tiny');
  const missing =
    !existsSync(executable) && `${executable} is missing: npm run build:tiny -- --target ${name}`;
  test(`a message from ${arch}`, { skip: missing || needs(emulator).skip }, async () => {
    const hub = await scriptedHub(answering('3:Kok,'));
    const env = { QMAILHOME: temporaryHome({ me: 'ref.test\n', qmqpservers: `${hub.text}\n` }) };
    const args = [executable, 'sendmail', '-t', '-i'];
    const [program = '', ...words] = args;
    const run = { executable: emulator, program, args: words, env, stdin: message };
    const { exit, stderr } = await runProgram(run);
    deepStrictEqual([exit, stderr], [0, '']);
    match(
      hub.received[0] ?? '',
      /\nFrom: me@ref\.test\n[\s\S]*\n\nHello from afar\n,.*15:you@hub\.example,,$/,
    );
  });
}
