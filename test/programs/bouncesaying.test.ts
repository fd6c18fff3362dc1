import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runFromDelivery } from '../support/delivery.ts';

const program = 'bouncesaying';

test('without a program every message is bounced, with the text as it is', async () => {
  const text = 'Gone \xfcber the hills.\nSorry.';
  const ended = await runFromDelivery({ program, args: [text] });
  assert.deepEqual([ended.exit, ended.stdout, ended.stderr], [100, '', `${text}\n`]);
});

test('the program reads the message and decides; its arguments are its own', async () => {
  const bounce = async (...command: readonly string[]) => {
    const { exit, stderr } = await runFromDelivery({ program, args: ['no', ...command] });
    return [exit, stderr];
  };
  assert.deepEqual(await bounce('grep', '-q', '^Subject: x$'), [100, 'no\n']);
  assert.deepEqual(await bounce('grep', '-q', '^Subject: y$'), [0, '']);
  assert.deepEqual(await bounce('sh', '-c', 'kill -9 $$'), [111, 'bouncesaying: fatal: child crashed\n']);
});

test('the message is bounced also where nobody listens to the text', () => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const command = `${process.execPath} ${main} bouncesaying no 2>/dev/full`;
  assert.equal(spawnSync('sh', ['-c', command], { stdio: 'ignore' }).status, 100);
});
