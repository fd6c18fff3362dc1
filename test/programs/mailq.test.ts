/** mailq lists what waits: by qmail-qread where there is a queue, else it says that there is none. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { mailq } from '../../src/programs/mailq.ts';
import type { Program } from '../../src/programs/program.ts';
import type { Queue } from '../../src/submit/index.ts';
import { memorySystem } from '../support/memory-system.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const queue: Queue = async () => ({ exitCode: 81, answer: { verdict: 'Z', text: '' } });

test('a satellite has no queue and says so', async () => {
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
