/** The satellite's entry point, src/main-satellite.ts, run as it is. */
import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, satelliteMain } from './support/run-program.ts';

test('it has the programs of a satellite', async () => {
  const { exit, stdout } = await runProgram({ main: satelliteMain, program: 'sendmail', args: ['--help'] });
  strictEqual(exit, 0);
  match(stdout, /^sendmail - /);
});

test('it has none of the hub', async () => {
  for (const program of ['qmail-start', 'qmail-send', 'qmail-local', 'qmail-qmqpd']) {
    const { exit, stderr } = await runProgram({ main: satelliteMain, program });
    strictEqual(exit, 100);
    match(stderr, new RegExp(`there is no program ${program}`));
  }
});

test('its qmail-queue is the QMQP client', async () => {
  const { stdout } = await runProgram({ main: satelliteMain, program: 'qmail-queue', args: ['--help'] });
  match(stdout, /QMQP/);
});
