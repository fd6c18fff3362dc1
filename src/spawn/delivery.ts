/** What a delivery needs to know, as fields of a job: for who delivers here, for who sends on, for a user's worker. */
import { type ByteString, wholeNumber } from '../system/index.ts';

/** What qmail-send asks of qmail-lspawn and qmail-rspawn. */
export interface SpawnJob {
  /** The same for all jobs of one message. */
  readonly message: ByteString;
  /** Fetches the message, once. */
  readonly token: ByteString;
  readonly sizeBytes: number;
  readonly sender: ByteString;
  /** The recipient after rewriting. */
  readonly recipient: ByteString;
}

/** What qmail-lspawn asks of a user's worker. */
export interface WorkerJob {
  readonly token: ByteString;
  readonly sizeBytes: number;
  readonly sender: ByteString;
  readonly user: ByteString;
  readonly home: ByteString;
  /** The recipient is local@domain. */
  readonly local: ByteString;
  readonly domain: ByteString;
  readonly dash: ByteString;
  readonly extension: ByteString;
}

export function spawnJobFields(job: SpawnJob): readonly ByteString[] {
  const { message, token, sizeBytes, sender, recipient } = job;
  return [token, String(sizeBytes), sender, recipient, message];
}

/** Undefined when the fields are no such job. */
export function parseSpawnJob(fields: readonly ByteString[]): SpawnJob | undefined {
  if (fields.length !== 5) return undefined;
  const [token = '', size = '', sender = '', recipient = '', message = ''] = fields;
  const sizeBytes = wholeNumber(size);
  return sizeBytes === undefined ? undefined : { message, token, sizeBytes, sender, recipient };
}

/** What qmail-send asks of qmail-lspawn before there is a message: whether there is such a recipient. */
export function checkJobFields(recipient: ByteString): readonly ByteString[] {
  return [recipient];
}

/** The recipient; undefined when the fields are no such job. */
export function parseCheckJob(fields: readonly ByteString[]): ByteString | undefined {
  return fields.length === 1 ? fields[0] : undefined;
}

export function workerJobFields(job: WorkerJob): readonly ByteString[] {
  const { token, sizeBytes, sender, user, home, local, domain, dash, extension } = job;
  return [token, String(sizeBytes), sender, user, home, local, domain, dash, extension];
}

/** Undefined when the fields are no such job. */
export function parseWorkerJob(fields: readonly ByteString[]): WorkerJob | undefined {
  if (fields.length !== 9) return undefined;
  const [
    token = '',
    size = '',
    sender = '',
    user = '',
    home = '',
    local = '',
    domain = '',
    dash = '',
    extension = '',
  ] = fields;
  const sizeBytes = wholeNumber(size);
  if (sizeBytes === undefined) return undefined;
  return { token, sizeBytes, sender, user, home, local, domain, dash, extension };
}
