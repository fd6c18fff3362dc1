import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { startHub } from '../support/hub.ts';
import { hubFor, sendTo } from '../support/hub-clients.ts';
import { hubEntry, hubHome, reachable } from '../support/hub-home.ts';
import { qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';
import { runProgram } from '../support/run-program.ts';

const endStoreThread = reachable('test/fault/end-store-thread.ts');

test('a hub whose store has lost its thread says so and ends, and the next one goes on', async (context) => {
  const home = hubHome();
  const hub = await startHub({ home, command: [process.execPath, '--import', endStoreThread, hubEntry()] });
  context.after(() => hub.stop());
  const [address] = hub.addresses;
  match(await sendTo(address, 'joe@far.example'), /^\d+:Kok/);
  await hub.line(/^delivery 1: deferral: /);
  const peer = await qmqpPeer(Number(address?.split(':')[1]));
  peer.send(qmqpRequest('Subject: never\n\n', 's@x', 'you@hub.test').slice(0, -5));
  match(await sendTo(address, 'you@hub.test'), /^\d+:Kok/);
  await hub.line(/^end msg /);

  hub.signal('SIGUSR2');
  strictEqual(await hub.ended, 111);
  strictEqual(hub.lines.at(-1), 'alert: cannot go on: the thread of the store has ended');
  // Whoever was about to submit has no K.
  strictEqual(/K/.test(await peer.reply), false);

  const again = await hubFor(context, { home });
  match(await sendTo(again.addresses[0], 'you@hub.test'), /^\d+:Kok/);
  await again.line(/^end msg /);
  strictEqual(again.delivered().length, 2);
  const env = { QMAILHOME: home };
  match((await runProgram({ program: 'qmail-qstat', env })).stdout, /^messages in queue: 1\n/);
  deepStrictEqual((await runProgram({ program: 'qmail-qcheck', env })).exit, 0);
});
