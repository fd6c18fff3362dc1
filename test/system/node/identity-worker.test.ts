/** src/system/node/identity-worker.ts, in the thread that it is made for, and in a bundle of its own. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { bundle } from '../../../build/bundle.ts';

const source = 'src/system/node/identity-worker.ts';

/** What the thread says, and what it ends with. */
async function outcome(worker: Worker): Promise<string> {
  const ended = once(worker, 'exit');
  const [identity] = await once(worker, 'message');
  strictEqual((await ended)[0], 0);
  return String(identity);
}

const pem = /^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n/;

test('it says one identity and ends', async () => {
  const url = new URL(`../../../${source}`, import.meta.url);
  match(await outcome(new Worker(url, { workerData: 'box.example' })), pem);
});

test('it does so from a bundle, as within an executable', async () => {
  const { code, inputs } = await bundle(source);
  ok(inputs.some((input) => input.includes('@peculiar/x509')));
  match(await outcome(new Worker(code, { eval: true, workerData: 'box.example' })), pem);
});
