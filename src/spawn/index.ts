/** Between qmail-send and those who deliver: jobs, reports, and the messages themselves. */
export { type BodyFetcher, createBodyFetcher, type FetchedBody } from './body-fetcher.ts';
export {
  type BodyListener,
  type BodyListenerOptions,
  type BodyOffer,
  listenBodies,
} from './body-listener.ts';
export {
  checkJobFields,
  parseCheckJob,
  parseSpawnJob,
  parseWorkerJob,
  type SpawnJob,
  spawnJobFields,
  type WorkerJob,
  workerJobFields,
} from './delivery.ts';
export { type CarryOut, type JobLink, openJobLink, reportBytesMax, serveJobs } from './job-link.ts';
