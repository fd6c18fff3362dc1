/** The system contract on the host in C: every call blocks but those that wait for a peer, which wait together (waits.ts). */
import type { System } from '../system/index.ts';
import { tinyFiles } from './files.ts';
import { type Host, pollFor } from './host.ts';
import { type Resolve, tinyNetwork } from './network.ts';
import { randomBytes } from './random.ts';
import { runProgram } from './run.ts';
import { createWaits } from './waits.ts';

export type { Host } from './host.ts';

/** `args`: what follows the program's name. */
export function tinySystem(host: Host, args: readonly string[], resolve: Resolve): System {
  const waits = createWaits(host);
  return {
    args,
    pid: host.pid,
    uid: host.uid,
    isSmall: true,
    files: tinyFiles(host),
    network: tinyNetwork(host, waits, resolve),
    env: (name) => host.variable(name),
    now: () => Math.floor(host.now()),
    monotonic: () => host.monotonic(),
    async pause(ms) {
      await waits.until(-1, pollFor.input, host.monotonic() + ms);
    },
    random: (sizeBytes) => randomBytes(host, sizeBytes),
    run: (run) => runProgram(host, run),
  };
}
