/** mailq lists what waits: by qmail-qread where there is a queue, else it says that there is none. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { mailq } from '../../src/programs/mailq.ts';
import type { Program } from '../../src/programs/program.ts';
import type { Queue } from '../../src/submit/index.ts';
import { eachBody } from '../support/bodies.ts';
import { memorySystem } from '../support/memory-system.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { testSpool } from '../support/spool.ts';

const queue: Queue = async () => ({ exitCode: 81, answer: { verdict: 'Z', text: '' } });

eachBody('a satellite has no queue and says so', async () => {
  const { exit, stdout, stderr } = await runProgram({ program: 'mailq', main: satelliteMain });
  strictEqual(exit, 0);
  strictEqual(stderr, '');
  strictEqual(stdout.startsWith('Mail queue is empty'), true);
});

test('on a hub the list is the one of qmail-qread, without our arguments', async () => {
  const seen: (readonly string[])[] = [];
  const qread: Program = {
    manual: mailq.manual,
    run: async ({ args }) => {
      seen.push(args);
      return 7;
    },
  };
  const { system } = memorySystem({ args: ['-v', '-Ac'] });
  const programs = { 'qmail-qread': async () => qread };
  strictEqual(await mailq.run(system, { queue, programs }), 7);
  deepStrictEqual(seen, [[]]);
});

eachBody('with a spool it is what waits there, until sendmail -q has sent it', async () => {
  const hub = await scriptedHub((connection, index) =>
    answering(index === 0 ? '5:Zbusy,' : '3:Kok,')(connection, index),
  );
  const spool = testSpool([hub.text]);
  const run = (program: string, args: readonly string[], stdin = '') =>
    runProgram({ main: satelliteMain, program, args, stdin, env: { QMAILHOME: spool.home } });
  strictEqual((await run('mailq', [])).stdout, 'Mail queue is empty: nothing waits in the spool.\n');
  deepStrictEqual(await run('sendmail', ['-f', 's@x.test', 'r@y.test'], 'Subject: x\n\n'), {
    exit: 0,
    stdout: '',
    stderr: '',
  });
  match((await run('mailq', [])).stdout, /GMT {2}#[0-9a-f]{16} {2}\d+ {2}<s@x\.test>\n\tr@y\.test\n$/);
  strictEqual((await run('sendmail', ['-q'])).exit, 0);
  match((await run('mailq', [])).stdout, /^Mail queue is empty/);
});

eachBody('sendmail -q says that something waits still', async () => {
  const hub = await scriptedHub(answering('5:Zbusy,'));
  const spool = testSpool([hub.text]);
  spool.keep('1');
  for (const flag of ['-q', '-q15m']) {
    const args = [flag];
    const env = { QMAILHOME: spool.home };
    strictEqual((await runProgram({ main: satelliteMain, program: 'sendmail', args, env })).exit, 75);
  }
});
