import assert from 'node:assert/strict';
import { closeSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { createMessageFile } from '../../src/local/message-file.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';

test('each program gets the whole message from its first byte, and cannot change it', async () => {
  let asked = 0;
  const body = messageBody('Subject: x\n\nbody\n', [3]);
  const file = createMessageFile(nodeSystem([]), {
    ...body,
    chunks() {
      asked += 1;
      return body.chunks();
    },
  });
  for (let program = 0; program < 3; program += 1) {
    const descriptor = await file.open();
    assert.match(readlinkSync(`/proc/self/fd/${descriptor}`), / \(deleted\)$/);
    assert.throws(() => writeSync(descriptor, 'x'), { code: 'EBADF' });
    assert.equal(readFileSync(descriptor, 'latin1'), 'Subject: x\n\nbody\n');
    closeSync(descriptor);
  }
  file.close();
  assert.equal(asked, 1);
});

test('nothing is made before a program asks, and closing twice does not hurt', () => {
  const file = createMessageFile(nodeSystem([]), brokenBody('', 1));
  file.close();
  file.close();
});

test('a message that cannot be read is an error each time', async () => {
  const file = createMessageFile(nodeSystem([]), brokenBody('Subject: x\n', 100));
  await assert.rejects(file.open(), /the store has lost the rest/);
  await assert.rejects(file.open(), /the store has lost the rest/);
  file.close();
});

test('a large message', async () => {
  const file = createMessageFile(nodeSystem([]), largeBody(65_536, 64));
  const descriptor = await file.open();
  assert.equal(readFileSync(descriptor).length, 65_536 * 64);
  closeSync(descriptor);
  file.close();
});
