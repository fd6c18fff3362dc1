/**
 * The store's thread: it commits what the main thread sends (group-commit.ts), answers nothing before its commit, and
 * gives free pages back to the file system.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createGroupCommit } from './group-commit.ts';
import type { FromStoreWorker, StoreWorkerData, ToStoreWorker } from './operation.ts';
import { storeProblem } from './store-problem.ts';
import { openWriter, startWriter, type Writer } from './writer.ts';

/** Free pages are given back to the file system when so long has passed since something happened. */
const compactAfterMs = 2000;

const { path } = workerData as StoreWorkerData;

const port = parentPort;
if (port === null) throw new Error('the store runs in a worker thread only');

function say(message: FromStoreWorker): void {
  port?.postMessage(message);
}

function serve(writer: Writer): void {
  const { add, commit, checkpoint } = createGroupCommit(writer, path);
  let closing = false;
  let compacting: NodeJS.Timeout | undefined;
  let busy = false;

  function take(message: ToStoreWorker): void {
    if (message.kind === 'batches') add(message.batches);
    else closing = true;
  }

  /** One step of compaction. Others follow soon when nothing else happens, and at leisure otherwise. */
  function compact(): void {
    const more = writer.compact(busy);
    const moved = writer.checkpoint();
    if (busy || !moved) compacting = setTimeout(compact, compactAfterMs);
    else compacting = more ? setTimeout(compact, 0) : undefined;
    busy = false;
  }

  port?.on('message', (first: ToStoreWorker) => {
    take(first);
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      take(more.message as ToStoreWorker);
    }
    for (;;) {
      const startMs = performance.now();
      const results = commit();
      if (results === undefined) break;
      say({ kind: 'results', results, durationMs: performance.now() - startMs });
    }
    checkpoint();
    busy = true;
    compacting ??= setTimeout(compact, compactAfterMs);
    if (!closing) return;
    clearTimeout(compacting);
    writer.close();
    say({ kind: 'closed' });
    port?.close();
  });
}

try {
  const writer = openWriter(path);
  say({ kind: 'ready', ready: startWriter(writer) });
  serve(writer);
} catch (error) {
  say({ kind: 'refused', message: storeProblem(path, error) });
}
