import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createSpill, queueProgram, type RunProgram } from '../../src/submit/index.ts';
import { bytesOf, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { captureQueue, temporaryDirectory } from '../support/home.ts';

const envelope = { sender: 'a@b', recipients: ['c@d', 'e\xe9@f'] };

async function submitTo(program: string, text = 'Subject: x\n\nbody\n', run?: RunProgram, system?: System) {
  const used = system ?? nodeSystem([]);
  const spill = createSpill(used);
  spill.write(bytesOf(text));
  try {
    return await queueProgram(program, run)(used, spill, envelope);
  } finally {
    spill.close();
  }
}

test('the program finds the message on 0 and the envelope on 1', async () => {
  const capture = captureQueue();
  assert.deepEqual(await submitTo(capture.program), { exitCode: 0, answer: { verdict: 'K', text: '' } });
  assert.equal(capture.message(), 'Subject: x\n\nbody\n');
  assert.equal(capture.envelope(), 'Fa@b\0Tc@d\0Te\xe9@f\0\0');
});

test('a message of any size', async () => {
  for (const sizeBytes of [0, 65_536, 1_000_000]) {
    const capture = captureQueue();
    const text = 'x'.repeat(sizeBytes);
    assert.equal((await submitTo(capture.program, text)).exitCode, 0);
    assert.equal(capture.message(), text);
  }
});

test('its exit code is passed on, with what it means', async () => {
  for (const [exit, verdict] of [
    [31, 'D'],
    [53, 'Z'],
    [82, 'Z'],
    [1, 'Z'],
  ] as const) {
    const outcome = await submitTo(captureQueue({ exit }).program);
    assert.equal(outcome.exitCode, exit);
    assert.equal(outcome.answer.verdict, verdict);
  }
});

test('its own text on descriptor 6 counts with 82', async () => {
  const capture = captureQueue({ exit: 82, custom: 'Dnot from you (#5.7.1)' });
  assert.deepEqual(await submitTo(capture.program), {
    exitCode: 82,
    answer: { verdict: 'D', text: 'not from you (#5.7.1)' },
  });
  assert.equal((await submitTo(captureQueue({ exit: 53, custom: 'Dno' }).program)).answer.verdict, 'Z');
  const long = await submitTo(captureQueue({ exit: 82, custom: `Z${'x'.repeat(5000)}` }).program);
  assert.equal(long.answer.text.length, 254);
});

function script(text: string): string {
  const path = `${temporaryDirectory()}/queue`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

test('a program need not read anything', async () => {
  assert.equal((await submitTo(script('exit 0'), 'x'.repeat(500_000))).exitCode, 0);
});

test('a program that a signal ends has taken nothing', async () => {
  const outcome = await submitTo(script('kill -9 $$'));
  assert.equal(outcome.exitCode, 81);
  assert.equal(outcome.answer.verdict, 'Z');
});

test('a program that cannot be run: 120, and which it was', async () => {
  const outcome = await submitTo('/nonexistent/queue');
  assert.equal(outcome.exitCode, 120);
  assert.equal(outcome.answer.verdict, 'Z');
  assert.match(outcome.answer.text, /^unable to exec qq \(#4\.3\.0\): \/nonexistent\/queue: /);
});

test('a disk that takes no temporary file: 53, and the program is not run', async () => {
  const system = nodeSystem([]);
  const full: System = {
    ...system,
    files: { ...system.files, openTemporary: () => system.files.open('/dev/full', 'append') },
  };
  const outcome = await submitTo('/nonexistent/queue', 'x', undefined, full);
  assert.equal(outcome.exitCode, 53);
  assert.match(outcome.answer.text, /^qq write error or disk full \(#4\.3\.0\): .*ENOSPC/);
});

test('another way to run it may be given', async () => {
  const seen: string[] = [];
  const outcome = await submitTo('/any/program', 'x', async (run) => {
    seen.push(run.program, ...Object.keys(run.descriptors));
    return 31;
  });
  assert.equal(outcome.exitCode, 31);
  assert.deepEqual(seen, ['/any/program', '0', '1', '2', '6']);
});
