/** src/programs/known-recipients.ts where there is nobody to ask; test/end-to-end/smtp-separated.test.ts has a hub. */
import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { askForRecipients } from '../../src/programs/known-recipients.ts';
import { relaySocketPath } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

test('without a hub, and for users who are no server of its, everybody passes and nobody is asked', async () => {
  const home = temporaryHome();
  const system = { ...nodeSystem([]), env: (name: string) => (name === 'QMAILHOME' ? home : undefined) };
  strictEqual(await askForRecipients(system)('nobody@hub.test'), true);
  mkdirSync(`${home}/queue`, { recursive: true });
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    socket.destroy();
  });
  server.listen(relaySocketPath(`${home}/queue`));
  await once(server, 'listening');
  strictEqual(await askForRecipients(system)('nobody@hub.test'), true);
  strictEqual(asked, 0);
  server.close();
});
