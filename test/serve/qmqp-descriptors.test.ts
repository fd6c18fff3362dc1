import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { type QmqpServerLimits, qmqpServerLimits, serveQmqpDescriptors } from '../../src/serve/index.ts';
import { type Answer, type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { type MemoryIntake, memoryIntake } from '../support/memory-intake.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';

const peer = { remoteHost: 'remote.host', remoteIp: '192.0.2.7', localHost: 'local.host' };
const request = qmqpRequest('Subject: q\n\nbody\n', 's@x', 'r@y');

function serve(intake: MemoryIntake, own: Partial<QmqpServerLimits> = {}, writeError?: string) {
  const input = new PassThrough();
  let output = '';
  const real = nodeSystem([]);
  const system: System = {
    ...real,
    now: () => 1000,
    files: {
      ...real.files,
      write(descriptor, bytes) {
        if (writeError !== undefined) throw new SystemError(writeError, writeError);
        strictEqual(descriptor, 1);
        output += textOf(bytes);
      },
    },
  };
  const limits = { ...qmqpServerLimits, ...own };
  const ended = serveQmqpDescriptors({ system, input, peer, intake, limits });
  return { input, ended: ended.then((ending) => ({ ending, output })), output: () => output };
}

test('one request is answered, and what follows it is ignored', async () => {
  const intake = memoryIntake();
  const { input, ended } = serve(intake);
  input.write(request + request, 'latin1');
  deepStrictEqual(await ended, { ending: 'complete', output: '10:Kok 1 qp 1,' });
  strictEqual(intake.messages.length, 1);
  match(
    intake.messages[0]?.text ?? '',
    /^Received: from remote\.host \(192\.0\.2\.7\)\n {2}by local\.host with QMQP; /,
  );
});

test('the end of the input behind the request does not cut off the reply', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { input, ended } = serve(memoryIntake({ answer: () => promise }));
  input.end(request, 'latin1');
  input.on('end', () => resolve({ verdict: 'D', text: 'no' }));
  deepStrictEqual(await ended, { ending: 'complete', output: '3:Dno,' });
});

test('the end of the input within the request is the end', async () => {
  for (let end = 0; end < request.length; end += 1) {
    const intake = memoryIntake();
    const { input, ended } = serve(intake);
    input.end(request.slice(0, end), 'latin1');
    deepStrictEqual(await ended, { ending: 'closed', output: '' });
    strictEqual(intake.begun, intake.aborted);
  }
});

test('a peer that is gone is no error', async () => {
  const reset = serve(memoryIntake());
  reset.input.destroy(new Error('ECONNRESET'));
  deepStrictEqual(await reset.ended, { ending: 'closed', output: '' });
  const deaf = serve(memoryIntake(), {}, 'EPIPE');
  deaf.input.write(request, 'latin1');
  deepStrictEqual(await deaf.ended, { ending: 'closed', output: '' });
});

test('an early refusal is given at once, and the rest is read', async () => {
  const { input, ended, output } = serve(memoryIntake());
  input.write('no netstring', 'latin1');
  input.write('x'.repeat(1_000_000), 'latin1');
  while (output() === '') await new Promise(setImmediate);
  match(output(), /^\d+:D.*\(#5\.5\.2\),$/);
  input.end();
  strictEqual((await ended).ending, 'malformed');
});

test('the rest is read for so long, and so many bytes, only', async () => {
  const slow = serve(memoryIntake(), { lingerMs: 20 });
  slow.input.write('x', 'latin1');
  strictEqual((await slow.ended).ending, 'malformed');
  const fast = serve(memoryIntake(), { lingerBytesMax: 1000 });
  fast.input.write('x', 'latin1');
  fast.input.write('x'.repeat(5000), 'latin1');
  strictEqual((await fast.ended).ending, 'malformed');
});

test('limits and times', async () => {
  const large = serve(memoryIntake(), { messageBytesMax: 10 });
  large.input.end('20:11:', 'latin1');
  strictEqual((await large.ended).ending, 'limit');
  for (const own of [{ idleMs: 20 }, { totalMs: 20 }]) {
    const silent = serve(memoryIntake(), { ...own, lingerMs: 20 });
    silent.input.write('45:17:', 'latin1');
    const { ending, output } = await silent.ended;
    strictEqual(ending, 'timeout');
    match(output, /^\d+:Z.*\(#4\.4\.2\),$/);
  }
  const stuck = serve(memoryIntake({ answer: () => new Promise(() => {}) }), { totalMs: 20 });
  stuck.input.write(request, 'latin1');
  deepStrictEqual(await stuck.ended, { ending: 'timeout', output: '' });
});

test('while the disk is behind nothing more is read', async () => {
  const waits: (() => void)[] = [];
  const intake = memoryIntake({
    write: () => new Promise<void>((resolve) => waits.push(resolve)),
  });
  const { input, ended } = serve(intake, { idleMs: 20 });
  input.write(request.slice(0, 10), 'latin1');
  while (!input.isPaused()) await new Promise(setImmediate);
  input.write(request.slice(10), 'latin1');
  for (const resolve of waits.splice(0)) resolve();
  while (waits.length === 0) await new Promise(setImmediate);
  for (const resolve of waits.splice(0)) resolve();
  strictEqual((await ended).ending, 'complete');
});
