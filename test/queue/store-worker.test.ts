import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { storePath } from '../../src/queue/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { bodyText, countsOf, only, openTestStore, submit } from '../support/open-store.ts';

/** A process that brings one whole message and the greater part of another, says so, and waits to be killed. */
const submitter = `
  import { openTestStore } from '${new URL('../support/open-store.ts', import.meta.url)}';
  const { store } = await openTestStore({ directory: process.argv[2] });
  const whole = store.begin({ caller: 'network', host: '' });
  await whole.write(new Uint8Array(100_000).fill(65));
  await whole.commit({ sender: '', recipients: ['a@example.org'] });
  const part = store.begin({ caller: 'network', host: '' });
  for (let count = 0; count < 40; count += 1) await part.write(new Uint8Array(65_536));
  const last = store.begin({ caller: 'network', host: '' });
  await last.commit({ sender: '', recipients: [] });
  console.log(JSON.stringify(store.counts()));
  setInterval(() => {}, 1000);
`;

test('what a killed process left half-written is swept, and what it confirmed is there', async () => {
  const directory = temporaryDirectory();
  const script = `${temporaryDirectory()}/submitter.ts`;
  writeFileSync(script, submitter);
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const { oldestMs: _, ...counts } = JSON.parse(String(said));
  assert.deepEqual(counts, only({ messages: 1, fresh: 1, incoming: 1 }));
  child.kill('SIGKILL');
  await once(child, 'exit');

  const { store } = await openTestStore({ directory });
  assert.deepEqual(countsOf(store), only({ messages: 1, fresh: 1 }));
  const [message] = store.messages();
  assert.equal(bodyText(store, message?.id ?? 0), 'A'.repeat(100_000));
  await store.close();
});

test('a queue that drained gives its space back while the hub runs, and its log too', async () => {
  const { store, accepted, directory } = await openTestStore();
  const path = storePath(directory);
  const size = () => statSync(path).size + statSync(`${path}-wal`).size;
  const text = 'x'.repeat(400_000);
  await Promise.all(Array.from({ length: 50 }, () => submit(store, text, ['a@example.org'])));
  const full = size();
  await Promise.all(accepted.flatMap(({ recipients }) => recipients.map((one) => store.settle(one))));
  while (size() > 3_000_000) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(full > 20_000_000);
  // And it goes on.
  assert.equal((await submit(store, text, ['a@example.org'])).verdict, 'K');
  await store.close();
});
