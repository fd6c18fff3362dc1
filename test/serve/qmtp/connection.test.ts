import { deepStrictEqual, ok } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { networkSubmission, type QmtpServerLimits, qmtpServerLimits } from '../../../src/serve/index.ts';
import { startQmtpConnection } from '../../../src/serve/qmtp/connection.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { netstringsIn, qmtpRequest } from '../../support/qmtp-peer.ts';

const peer = { remoteHost: 'c', remoteIp: '192.0.2.1', localHost: 'h' };
const short = { idleMs: 100, totalMs: 1000, lingerMs: 10, lingerBytesMax: 50 };
const limits: QmtpServerLimits = { ...qmtpServerLimits, ...short };

function connection({ deaf = false } = {}) {
  const output = new PassThrough({ highWaterMark: deaf ? 20 : 16_384 });
  let said = '';
  if (!deaf) output.setEncoding('latin1').on('data', (text) => (said += text));
  const intake = memoryIntake();
  const input = new PassThrough();
  const events: string[] = [];
  let nowMs = 0;
  const made = startQmtpConnection({
    limits,
    input,
    output,
    monotonic: () => nowMs,
    recipient: (address) => ({ ok: true, address }),
    begin: () => networkSubmission(intake, peer, 'QMTP', () => 5000),
    hangUp: () => events.push('hang up'),
    onClose: (ending) => events.push(ending),
  });
  const turn = async () => {
    for (let count = 0; count < 20; count += 1) await new Promise(setImmediate);
  };
  return {
    intake,
    input,
    events,
    made,
    turn,
    async send(text: string) {
      input.write(text, 'latin1');
      await turn();
    },
    async at(ms: number) {
      nowMs = ms;
      made.tick(ms);
      await turn();
    },
    said: () => netstringsIn(said),
  };
}

const request = qmtpRequest('\n', 's', 'r');

test('requests until the client ends', async () => {
  const { input, events, said, turn } = connection();
  input.end(request.repeat(2));
  await turn();
  deepStrictEqual(said(), ['Kok 5 qp 1', 'Kok 5 qp 2']);
  deepStrictEqual(events, ['hang up', 'closed']);
});

test('a client that says nothing for too long is given up', async () => {
  const { send, events, at, said } = connection();
  await send(request);
  await at(99);
  deepStrictEqual(events, []);
  await at(100);
  deepStrictEqual(events, ['hang up']);
  await at(110);
  deepStrictEqual([events, said()], [['hang up', 'timeout'], ['Kok 5 qp 1']]);
});

test('a client that sends a byte now and then is given up at the end of its time', async () => {
  const { send, events, at, intake } = connection();
  for (let ms = 0; ms < 1000; ms += 50) {
    await at(ms);
    await send(ms === 0 ? '900:\n' : 'x');
  }
  deepStrictEqual(events, []);
  await at(1000);
  await at(1010);
  deepStrictEqual([events, intake.aborted], [['hang up', 'timeout'], 1]);
});

test('what is no QMTP is dropped until the client has understood', async () => {
  const { send, events, at, said } = connection();
  await send(`${request}x`);
  await send('more');
  await at(9);
  deepStrictEqual([events, said()], [['hang up'], ['Kok 5 qp 1']]);
  await at(10);
  deepStrictEqual(events, ['hang up', 'malformed']);
  const flood = connection();
  await flood.send('x');
  await flood.send('y'.repeat(51));
  deepStrictEqual(flood.events, ['hang up', 'malformed']);
});

test('a client that does not read its replies is sent no more, and given up', async () => {
  const { send, events, at, intake, made } = connection({ deaf: true });
  await send(request.repeat(100));
  ok(intake.messages.length < 100);
  ok(made.busy);
  await at(100);
  deepStrictEqual(events, ['timeout']);
});

test('stopping answers what is whole', async () => {
  const { send, events, said, turn, made, at } = connection();
  await send(`${request}3:\n`);
  made.stop();
  await turn();
  await at(20);
  deepStrictEqual([events, said()], [['hang up', 'refused'], ['Kok 5 qp 1']]);
});

test('a connection that breaks is over', async () => {
  const { send, input, events, turn, intake } = connection();
  await send('3:\n');
  input.destroy(new Error('ECONNRESET'));
  await turn();
  deepStrictEqual([events, intake.aborted], [['closed'], 1]);
});
