import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createSpill, submitLocally } from '../../src/submit/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

// test/submit/hub-queue.test.ts has the conversation at length: the queue of a hub is one of these.

const system = nodeSystem([]);
const envelope = { sender: 's@x', recipients: ['r@y'] };

function message() {
  const spill = createSpill(system);
  spill.write(bytesOf('hello\n'));
  return spill;
}

test('a message goes to whoever listens in the directory, with a proof of who sends it', async (context) => {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/proof`);
  const proven: boolean[] = [];
  const server = createServer((socket) => {
    socket.write('4:abcd,');
    socket.once('data', () => {
      proven.push(existsSync(`${directory}/proof/abcd`));
      unlinkSync(`${directory}/proof/abcd`);
      socket.end('3:Kok,');
    });
  });
  context.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(`${directory}/intake`, resolve);
  });
  const outcome = await submitLocally(system, directory, 'is it there?', message(), envelope);
  deepStrictEqual(outcome, { exitCode: 0, answer: { verdict: 'K', text: 'ok' } });
  deepStrictEqual(proven, [true]);
});

test('with nobody there the text asks for it', async () => {
  const outcome = await submitLocally(system, temporaryDirectory(), 'is it there?', message(), envelope);
  strictEqual(outcome.exitCode, 62);
  match(outcome.answer.text, /: is it there\? .*ENOENT/);
});
