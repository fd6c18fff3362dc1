import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { chooseQueue, createSpill, type Queue } from '../../src/submit/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';

const builtIn: Queue = async () => ({ exitCode: 7, answer: { verdict: 'Z', text: 'built in' } });

/** The exit code of the queue that is chosen under these variables. */
async function chosen(env: Readonly<Record<string, string>>): Promise<number> {
  const system: System = { ...nodeSystem([]), env: (name) => env[name] };
  const spill = createSpill(system);
  try {
    return (await chooseQueue(system, builtIn)(system, spill, { sender: '', recipients: [] })).exitCode;
  } finally {
    spill.close();
  }
}

test('the built-in queue, unless a program is named', async () => {
  const home = temporaryHome({});
  assert.equal(await chosen({ QMAILHOME: home }), 7);
  assert.equal(await chosen({ QMAILHOME: home, QMAILQUEUE: '' }), 7);
  assert.equal(await chosen({ QMAILHOME: home, QMAILQUEUE: captureQueue({ exit: 31 }).program }), 31);
});

test('control/qmailqueue names one too, and $QMAILQUEUE comes before it', async () => {
  const home = temporaryHome({ qmailqueue: `${captureQueue({ exit: 53 }).program}\n` });
  assert.equal(await chosen({ QMAILHOME: home }), 53);
  assert.equal(await chosen({ QMAILHOME: home, QMAILQUEUE: captureQueue({ exit: 31 }).program }), 31);
  assert.equal(await chosen({ QMAILHOME: temporaryHome({ qmailqueue: '\n' }) }), 7);
});

test('a name that is not absolute counts from the home', async () => {
  const home = temporaryHome({ qmailqueue: 'bin/other-queue\n' });
  mkdirSync(`${home}/bin`);
  copyFileSync(captureQueue({ exit: 65 }).program, `${home}/bin/other-queue`);
  chmodSync(`${home}/bin/other-queue`, 0o755);
  assert.equal(await chosen({ QMAILHOME: home }), 65);
  assert.equal(await chosen({ QMAILHOME: home, QMAILQUEUE: 'bin/missing' }), 120);
});
