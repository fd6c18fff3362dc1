/** Processes and threads of the hub. */
export { startWorker } from './start-worker.ts';
