/** qmail-rspawn's work: each message for one recipient elsewhere goes to a run of qmail-remote. */
import { splitAddress } from '../mail/index.ts';
import { type BodyFetcher, type CarryOut, parseSpawnJob } from '../spawn/index.ts';
import { sendByProgram } from './remote-program.ts';

export interface RemoteSpawnerOptions {
  readonly bodies: BodyFetcher;
  /** A path, or a name that is looked for along $PATH. */
  readonly program: string;
}

export function createRemoteSpawner({ bodies, program }: RemoteSpawnerOptions): CarryOut {
  return async (fields) => {
    const job = parseSpawnJob(fields);
    if (job === undefined) throw new Error('qmail-send asked for no delivery');
    const { token, sizeBytes, sender, recipient } = job;
    const { domain } = splitAddress(recipient);
    if (domain === undefined) {
      return { verdict: 'D', text: 'Sorry, address must include host name. (#5.1.3)\n' };
    }
    // A program that knows options would take it for one.
    if (domain.startsWith('-')) return { verdict: 'D', text: 'Sorry, there can be no such host. (#5.1.2)\n' };
    const body = await bodies.fetch(token, sizeBytes);
    try {
      return await sendByProgram({ program, host: domain, sender, recipient, message: body.descriptor() });
    } finally {
      body.release();
    }
  };
}
