/**
 * Starts a worker thread from the file beside its caller, or, within a single executable, from the asset that the
 * build put there under the file's name.
 */
import { isMainThread, Worker } from 'node:worker_threads';

/** `url`: the .ts file, as seen by its caller's import.meta.url. `data` reaches the worker as workerData. */
export function startWorker(name: string, url: () => URL, data: unknown): Worker {
  if (!isMainThread) throw new Error('only the main thread starts workers');
  const { getAsset, isSea } = process.getBuiltinModule('node:sea');
  if (isSea()) return new Worker(getAsset(name, 'utf8'), { eval: true, workerData: data, name });
  return new Worker(url(), { workerData: data, name });
}
