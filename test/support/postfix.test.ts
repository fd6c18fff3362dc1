import { strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findProgram } from './foreign.ts';
import { postfixMissing, startPostfix } from './postfix.ts';

const skip = postfixMissing();

async function load(port: number, address: string): Promise<void> {
  const args = ['-s', '5', '-m', '20', '-l', '500', '-f', 's@x.test', '-t', address, `127.0.0.1:${port}`];
  await promisify(execFile)(findProgram('qmqp-source') ?? '', args);
}

test('a private Postfix takes messages over QMQP, and without its queue manager keeps them', {
  skip,
}, async () => {
  const postfix = await startPostfix({ deliver: false });
  try {
    await load(postfix.qmqpPort, postfix.address);
    strictEqual(postfix.queued(), 20);
    strictEqual(postfix.delivered().length, 0);
  } finally {
    await postfix.stop();
  }
});
