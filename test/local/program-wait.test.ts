import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { type WaitLimits, waitForProgram } from '../../src/local/program-wait.ts';
import { until } from '../support/until.ts';

const limits: WaitLimits = {
  programMsMax: 60_000,
  programEndMs: 60_000,
  signal: undefined,
  flood: undefined,
};

/** A shell that leads a group, when it has said that it is there. */
async function shell(command: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn('/bin/sh', ['-c', `echo; ${command}`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return Object.assign(child, { pid: child.pid ?? 0 });
}

function groupIsGone(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return false;
  } catch {
    return true;
  }
}

test('an exit code, a signal', async () => {
  assert.deepEqual(await waitForProgram(spawn('/bin/sh', ['-c', 'exit 99']), limits), {
    by: 'itself',
    exitCode: 99,
  });
  assert.deepEqual(await waitForProgram(spawn('/bin/sh', ['-c', 'kill -9 $$']), limits), {
    by: 'signal',
    signal: 'SIGKILL',
  });
});

test('a program that cannot be started', async () => {
  await assert.rejects(waitForProgram(spawn('/nonexistent/program'), limits), { code: 'ENOENT' });
});

test('when its time is over it is told to end, and its group with it', async () => {
  const child = await shell('sleep 1000 & sleep 1000');
  const ended = await waitForProgram(child, { ...limits, programMsMax: 1 });
  assert.deepEqual(ended, { by: 'us', because: 'ran for more than 0.001 seconds' });
  await until('the end of the group', () => groupIsGone(child.pid) || undefined);
});

test('who does not listen is killed', async () => {
  const child = await shell('trap "" TERM; sleep 1000; sleep 1000');
  const ended = await waitForProgram(child, { ...limits, programMsMax: 1, programEndMs: 100 });
  assert.equal(ended.by, 'us');
  await until('the end of the group', () => groupIsGone(child.pid) || undefined);
});

test('what a shell that ends leaves behind is killed', async () => {
  const child = await shell('(trap "" TERM; sleep 1000) & wait');
  const ended = await waitForProgram(child, { ...limits, programMsMax: 1 });
  assert.equal(ended.by, 'us');
  await until('the end of the group', () => groupIsGone(child.pid) || undefined);
});

test('a flood, and a process that ends, end it too', async () => {
  const flooding = await shell('sleep 1000');
  assert.deepEqual(await waitForProgram(flooding, { ...limits, flood: Promise.resolve() }), {
    by: 'us',
    because: 'printed more than it may',
  });
  const aborter = new AbortController();
  const stopped = waitForProgram(await shell('sleep 1000'), { ...limits, signal: aborter.signal });
  aborter.abort();
  assert.deepEqual(await stopped, { by: 'us', because: 'was ended because this process ends' });
  const late = waitForProgram(await shell('sleep 1000'), { ...limits, signal: aborter.signal });
  assert.equal((await late).by, 'us');
});

test('what is left running in the background stays when the program ends by itself', async () => {
  const child = await shell('sleep 1000 & exit 0');
  assert.deepEqual(await waitForProgram(child, limits), { by: 'itself', exitCode: 0 });
  assert.equal(groupIsGone(child.pid), false);
  process.kill(-child.pid, 'SIGKILL');
});
