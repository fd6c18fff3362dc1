/** qmail-qcheck: what it says of sound and damaged queues, and what it leaves alone. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { storePath } from '../../src/queue/index.ts';
import { damage, makeFilledStore } from '../support/damaged-store.ts';
import { temporaryHome } from '../support/home.ts';
import { startHub } from '../support/hub.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { runHere } from '../support/run-here.ts';
import { type Ended, runProgram } from '../support/run-program.ts';

const filled = await makeFilledStore();

/** A home whose queue is a copy of the filled store. */
function makeHome(): string {
  const home = temporaryHome();
  mkdirSync(`${home}/queue`);
  copyFileSync(storePath(filled), storePath(`${home}/queue`));
  return home;
}

function qcheck(home: string, ...args: readonly string[]): Promise<Ended> {
  return runHere(home, 'qmail-qcheck', ...args);
}

const sound = '6 messages, 11 recipients: nothing is wrong\n';

test('a sound queue: one line and 0, with and without --repair, as a process too', async () => {
  const home = makeHome();
  const ended = { exit: 0, stdout: sound, stderr: '' };
  deepStrictEqual(await qcheck(home), ended);
  deepStrictEqual(await qcheck(home, '--repair'), ended);
  deepStrictEqual(await runProgram({ program: 'qmail-qcheck', env: { QMAILHOME: home } }), ended);
});

test('a queue that can be repaired: 2 with what is wrong, 1 when it is repaired, then 0', async () => {
  const home = makeHome();
  damage(`${home}/queue`, 'UPDATE message SET open = 5 WHERE id = 2', 'DELETE FROM numbering');
  const lines = (state: string, repaired: number) =>
    `${state}: message 2 says 5 open and 0 failed recipients, and has 2 and 0\n` +
    `${state}: the next message number is there 0 times\n` +
    `6 messages, 11 recipients: 2 found, ${repaired} repaired, ${2 - repaired} left\n`;
  deepStrictEqual(await qcheck(home), { exit: 2, stdout: lines('found', 0), stderr: '' });
  deepStrictEqual(await qcheck(home, '--repair'), { exit: 1, stdout: lines('repaired', 2), stderr: '' });
  deepStrictEqual(await qcheck(home), { exit: 0, stdout: sound, stderr: '' });
});

test('what cannot be repaired is found and left: 2', async () => {
  const home = makeHome();
  damage(
    `${home}/queue`,
    'UPDATE tally SET held = 4',
    'UPDATE message SET size_bytes = 1000000 WHERE id = 1',
  );
  const { exit, stdout } = await qcheck(home, '--repair');
  deepStrictEqual(exit, 2);
  match(stdout, /^found: message 1 has 1000000 bytes, of which \d+ are there: it cannot be delivered$/m);
  match(stdout, /^repaired: the tally says/m);
  match(stdout, /: 2 found, 1 repaired, 1 left$/m);
});

test('incomplete messages are counted and are no fault', async () => {
  const home = makeHome();
  damage(`${home}/queue`, 'UPDATE numbering SET next_id = 100; INSERT INTO incoming VALUES (99)');
  deepStrictEqual(
    (await qcheck(home)).stdout,
    '6 messages, 11 recipients, 1 incomplete messages: nothing is wrong\n',
  );
});

test('another file is checked in place of the queue, and is never repaired', async () => {
  const home = temporaryHome();
  deepStrictEqual(await qcheck(home, storePath(filled)), { exit: 0, stdout: sound, stderr: '' });
  const { exit, stderr } = await qcheck(home, '--repair', storePath(filled));
  deepStrictEqual(exit, 100);
  match(stderr, /^qmail-qcheck: --repair is for the queue, and takes no file\n/);
});

test('no queue, no permission, a wrong call', async () => {
  const home = temporaryHome();
  const none = await qcheck(home);
  deepStrictEqual([none.exit, none.stdout], [111, '']);
  match(none.stderr, /^qmail-qcheck: fatal: unable to read .*store\.sqlite: there is no queue/);
  deepStrictEqual((await qcheck(home, '--repair')).exit, 111);
  deepStrictEqual((await qcheck(home, 'one', 'two')).exit, 100);
  deepStrictEqual((await qcheck(home, '--mend')).exit, 100);
  match((await qcheck(home, '--help')).stdout, /qmail-qcheck - check the queue/);
});

test('beside a hub that takes and delivers mail it finds nothing, and does not repair', async () => {
  const hub = await startHub();
  const port = Number(hub.addresses[0]?.split(':')[1]);
  let taken = 0;
  let checking = true;
  const sending = (async () => {
    while (checking) {
      const reply = await submitRequest(
        port,
        qmqpRequest('\nbody\n', 'a@hub.test', 'b@hub.test', 'c@hub.test'),
      );
      ok(reply.includes(':K'), reply);
      taken += 1;
    }
  })();
  for (let checks = 0; checks < 5; checks += 1) {
    const { exit, stdout } = await qcheck(hub.home);
    deepStrictEqual(exit, 0, stdout);
  }
  const repair = await qcheck(hub.home, '--repair');
  deepStrictEqual(repair.exit, 111);
  match(repair.stderr, /is in use: another process has it/);
  checking = false;
  await sending;
  ok(taken > 0);
  deepStrictEqual(await hub.stop(), 0);
  deepStrictEqual((await qcheck(hub.home, '--repair')).exit, 0);
});
