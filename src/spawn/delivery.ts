/** What a delivery needs to know, as fields of a job: for who delivers here, for who sends on, for a user's worker. */
import type { ByteString } from '../system/index.ts';

/** What qmail-send asks of qmail-lspawn and qmail-rspawn. */
export interface SpawnJob {
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

const sizeDigitsMax = 15;

function parseSize(text: ByteString): number | undefined {
  const digits =
    text !== '' && text.length <= sizeDigitsMax && [...text].every((char) => char >= '0' && char <= '9');
  return digits ? Number(text) : undefined;
}

export function spawnJobFields({ token, sizeBytes, sender, recipient }: SpawnJob): readonly ByteString[] {
  return [token, String(sizeBytes), sender, recipient];
}

/** Undefined when the fields are no such job. */
export function parseSpawnJob(fields: readonly ByteString[]): SpawnJob | undefined {
  const [token, size, sender, recipient] = fields;
  const sizeBytes = parseSize(size ?? '');
  if (fields.length !== 4 || sizeBytes === undefined) return undefined;
  if (token === undefined || sender === undefined || recipient === undefined) return undefined;
  return { token, sizeBytes, sender, recipient };
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
  const sizeBytes = parseSize(size);
  if (sizeBytes === undefined) return undefined;
  return { token, sizeBytes, sender, user, home, local, domain, dash, extension };
}
