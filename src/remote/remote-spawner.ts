/**
 * qmail-rspawn's work: each message for one recipient elsewhere is sent from here, or goes to a run of a program that
 * stands in for qmail-remote.
 */
import { splitAddress } from '../mail/index.ts';
import { type BodyFetcher, type CarryOut, parseSpawnJob, type SpawnJob } from '../spawn/index.ts';
import type { Answer, ByteString } from '../system/index.ts';
import { sendByProgram } from './remote-program.ts';
import type { RemoteSender } from './remote-sender.ts';

export interface RemoteSpawnerOptions {
  readonly bodies: BodyFetcher;
  readonly sender: RemoteSender;
  /** A program to be run instead: a path, or a name that is looked for along $PATH. Asked for at each job. */
  readonly program: () => ByteString | undefined;
}

async function runProgram(program: ByteString, job: SpawnJob, bodies: BodyFetcher): Promise<Answer> {
  const { token, sizeBytes, sender, recipient } = job;
  const { domain = '' } = splitAddress(recipient);
  // A program that knows options would take it for one.
  if (domain.startsWith('-')) return { verdict: 'D', text: 'Sorry, there can be no such host. (#5.1.2)\n' };
  const body = await bodies.fetch(token, sizeBytes);
  try {
    return await sendByProgram({ program, host: domain, sender, recipient, message: body.descriptor() });
  } finally {
    body.release();
  }
}

export function createRemoteSpawner({ bodies, sender, program }: RemoteSpawnerOptions): CarryOut {
  return async (fields) => {
    const job = parseSpawnJob(fields);
    if (job === undefined) throw new Error('qmail-send asked for no delivery');
    const { message, recipient, token, sizeBytes } = job;
    if (splitAddress(recipient).domain === undefined) {
      return { verdict: 'D', text: 'Sorry, address must include host name. (#5.1.3)\n' };
    }
    const instead = program();
    if (instead !== undefined) return await runProgram(instead, job, bodies);
    return await sender.deliver({
      message,
      sender: job.sender,
      recipient,
      async fetch() {
        const body = await bodies.fetch(token, sizeBytes);
        return { body, release: body.release };
      },
    });
  };
}
