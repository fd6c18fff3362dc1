import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { bodyText, openTestStore } from '../support/open-store.ts';

/** A process that brings one whole message and the greater part of another, says so, and waits to be killed. */
const submitter = `
  import { openStore } from '${new URL('../../src/queue/index.ts', import.meta.url)}';
  const ignore = () => undefined;
  const store = await openStore(process.argv[2] ?? '', { onAccepted: ignore, onLost: ignore }, { now: Date.now });
  const whole = store.begin({ caller: 'network', host: '' });
  await whole.write(new Uint8Array(100_000).fill(65));
  await whole.commit({ sender: '', recipients: ['a@example.org'] });
  const part = store.begin({ caller: 'network', host: '' });
  for (let count = 0; count < 40; count += 1) await part.write(new Uint8Array(65_536));
  const last = store.begin({ caller: 'network', host: '' });
  await last.commit({ sender: '', recipients: [] });
  console.log(JSON.stringify(store.counts()));
  setInterval(ignore, 1000);
`;

test('what a killed process left half-written is swept, and what it confirmed is there', async () => {
  const directory = temporaryDirectory();
  const script = `${temporaryDirectory()}/submitter.ts`;
  writeFileSync(script, submitter);
  const child = spawn(process.execPath, [script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  assert.deepEqual(JSON.parse(String(said)), { messages: 1, recipients: 1, incoming: 1 });
  child.kill('SIGKILL');
  await once(child, 'exit');

  const { store } = await openTestStore({ directory });
  assert.deepEqual(store.counts(), { messages: 1, recipients: 1, incoming: 0 });
  const [message] = store.messages();
  assert.equal(bodyText(store, message?.id ?? 0), 'A'.repeat(100_000));
  await store.close();
});
