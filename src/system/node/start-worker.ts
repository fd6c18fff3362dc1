/**
 * Starts a worker thread from the file beside its caller, or, within a single executable, from the asset that the
 * build put there under the file's name.
 */
import type { Worker } from 'node:worker_threads';

/** `url`: the .ts file, as seen by its caller's import.meta.url. `data` reaches the worker as workerData. */
export function startWorker(name: string, url: () => URL, data: unknown): Worker {
  // Loaded here: every program comes by this file, and hardly any starts a thread.
  const threads = process.getBuiltinModule('node:worker_threads');
  if (!threads.isMainThread) throw new Error('only the main thread starts workers');
  const { getAsset, isSea } = process.getBuiltinModule('node:sea');
  const source = isSea() ? getAsset(name, 'utf8') : url();
  return new threads.Worker(source, { eval: isSea(), workerData: data, name });
}
