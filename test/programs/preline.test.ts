import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryEnv, runFromDelivery } from '../support/delivery.ts';

const program = 'preline';
const { UFLINE = '', RPLINE = '', DTLINE = '' } = deliveryEnv;
const stdin = 'Subject: x\n\nbody\n';

async function linesOf(...options: readonly string[]): Promise<string> {
  const { stdout } = await runFromDelivery({ program, args: [...options, 'cat'], stdin, seekable: false });
  assert.equal(stdout.endsWith(stdin), true);
  return stdout.slice(0, -stdin.length);
}

test('each line is left out or put in, and the last word counts', async () => {
  assert.equal(await linesOf(), UFLINE + RPLINE + DTLINE);
  assert.equal(await linesOf('-frd'), '');
  assert.equal(await linesOf('-r', '-d', '--'), UFLINE);
  assert.equal(await linesOf('-frdF'), UFLINE);
  assert.equal(await linesOf('-D', '-dfR'), RPLINE);
});

test('options end where the program begins', async () => {
  const ended = await runFromDelivery({ program, args: ['-frd', 'sh', '-c', 'wc -l; exit 9', '-x'] });
  assert.deepEqual([ended.exit, ended.stdout.trim()], [9, '3']);
});

test('outside a delivery, without a program, or with one that is killed', async () => {
  for (const name of ['UFLINE', 'RPLINE', 'DTLINE']) {
    const ended = await runFromDelivery({ program, args: ['cat'], unset: [name] });
    assert.deepEqual([ended.exit, ended.stdout], [100, '']);
  }
  assert.equal((await runFromDelivery({ program, args: ['-f'] })).exit, 100);
  const killed = await runFromDelivery({ program, args: ['sh', '-c', 'kill -9 $$'] });
  assert.deepEqual([killed.exit, killed.stderr], [111, 'preline: fatal: child crashed\n']);
});
