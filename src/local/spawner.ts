/**
 * qmail-lspawn's work: whose mailbox an address is, and a worker of that user to deliver to it. It runs as root and sees
 * addresses and reports, never a message. It also says whether there is such an address (check-recipient.ts).
 */
import { splitAddress } from '../mail/index.ts';
import { createGate } from '../process/index.ts';
import { type CarryOut, parseCheckJob, parseSpawnJob, workerJobFields } from '../spawn/index.ts';
import { checkRecipient } from './check-recipient.ts';
import type { Users } from './users/index.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface SpawnerOptions {
  readonly users: Users;
  readonly workers: WorkerPool;
}

/** Addresses that are looked for at the same time because a client names them: a delivery does not wait behind the rest. */
export const checkedTogetherMax = 4;

export function createSpawner({ users, workers }: SpawnerOptions): CarryOut {
  const checks = createGate(checkedTogetherMax);
  return async (fields) => {
    const checked = parseCheckJob(fields);
    if (checked !== undefined) return await checks(() => checkRecipient(users, checked));
    const job = parseSpawnJob(fields);
    if (job === undefined) throw new Error('qmail-send asked for no delivery');
    const { local, domain } = splitAddress(job.recipient);
    if (domain === undefined) {
      return { verdict: 'D', text: 'Sorry, address must include host name. (#5.1.3)\n' };
    }
    const found = await users.find(local);
    if (!found.ok) return found.answer;
    const { token, sizeBytes, sender } = job;
    const { user, home, dash, extension } = found;
    return await workers.deliver(
      found,
      workerJobFields({ token, sizeBytes, sender, user, home, local, domain, dash, extension }),
    );
  };
}
