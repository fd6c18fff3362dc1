/** The system contract on Node. */

import type { System } from '../system.ts';
import { nodeFiles } from './files.ts';
import { nodeIdentities } from './identities.ts';
import { nodeNetwork } from './network.ts';
import { argumentBytes, environmentBytes } from './paths.ts';
import { randomBytes } from './random.ts';
import { runProgram } from './run.ts';

export { certificateFingerprint, isExpired } from './certificate.ts';
export { nativePath, nativeText } from './paths.ts';
export { releaseBuffer } from './release-buffer.ts';
export { type NativeRun, nativeRun, startFailure } from './run.ts';
export { startWorker } from './start-worker.ts';

/** `args`: what follows the program's name. */
export function nodeSystem(args: readonly string[]): System {
  return {
    args: argumentBytes(args),
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    files: nodeFiles,
    network: nodeNetwork,
    identities: nodeIdentities,
    env: environmentBytes,
    now: () => Date.now(),
    // Not performance.now(): the first use of that object loads modules for 2 ms.
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: randomBytes,
    run: runProgram,
  };
}
