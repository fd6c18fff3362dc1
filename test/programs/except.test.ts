import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFromDelivery } from '../support/delivery.ts';

async function except(...args: readonly string[]) {
  const { exit, stderr } = await runFromDelivery({ program: 'except', args });
  return [exit, stderr];
}

test('yes is no and no is yes, and what is not known stays so', async () => {
  assert.deepEqual(await except('grep', '-q', '^Subject: x$'), [100, '']);
  assert.deepEqual(await except('grep', '-q', '^Subject: y$'), [0, '']);
  assert.deepEqual(await except('sh', '-c', 'exit 111'), [111, 'except: fatal: temporary child error\n']);
  assert.deepEqual(await except('sh', '-c', 'kill -9 $$'), [111, 'except: fatal: child crashed\n']);
});

test('called wrongly', async () => {
  assert.deepEqual(await except(), [100, 'except: usage: except PROGRAM [ARGUMENT ...]\n']);
});
