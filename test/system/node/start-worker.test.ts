import { deepStrictEqual, match } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startWorker } from '../../../src/system/node/index.ts';
import { temporaryDirectory } from '../../support/home.ts';

function script(text: string): URL {
  const path = `${temporaryDirectory()}/worker.mjs`;
  writeFileSync(path, `import { parentPort, workerData } from 'node:worker_threads';\n${text}`);
  return pathToFileURL(path);
}

test('a worker runs the file and gets its data', async () => {
  const url = script(`parentPort.postMessage({ got: workerData });`);
  const worker = startWorker('echo', () => url, { path: '/x', list: [1, 2] });
  const ended = once(worker, 'exit');
  deepStrictEqual(await once(worker, 'message'), [{ got: { path: '/x', list: [1, 2] } }]);
  deepStrictEqual(await ended, [0]);
});

test('what a worker dies of reaches its starter', async () => {
  const url = script(`throw new Error(workerData);`);
  const [error] = await once(
    startWorker('fails', () => url, 'no such thing'),
    'error',
  );
  match(String(error), /no such thing/);
});

test('a worker starts no workers', async () => {
  const door = new URL('../../../src/system/node/index.ts', import.meta.url).href;
  const url = script(`
    const { startWorker } = await import(workerData);
    let text = '';
    try { startWorker('inner', () => new URL(import.meta.url)); } catch (error) { text = error.message; }
    parentPort.postMessage(text);`);
  const worker = startWorker('outer', () => url, door);
  deepStrictEqual(await once(worker, 'message'), ['only the main thread starts workers']);
});
