/** Processes and threads of the hub. */
export { type Account, dropPrivileges, findAccount } from './drop-privileges.ts';
export { type LineLog, openLineLog } from './line-log.ts';
export { runProgramAside } from './run-program-aside.ts';
export { startWorker } from './start-worker.ts';
