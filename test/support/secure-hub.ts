/** A listener for QMQP in TLS in this process, with a memory in place of the queue, and a client with a key of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';
import { formatPackage, submitPackage } from '../../qmqp/index.ts';
import { listenQmqps, type QmqpServerLimits } from '../../src/serve/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from './home.ts';
import { fingerprintOf, identityOf } from './identity.ts';
import { type MemoryIntake, memoryIntake } from './memory-intake.ts';

export interface SecureHub {
  readonly home: string;
  readonly control: string;
  readonly port: number;
  readonly pin: string;
  readonly intake: MemoryIntake;
  readonly lines: readonly string[];
  /** Writes the file of a satellite. */
  write(name: string, ...lines: readonly string[]): void;
  close(): Promise<void>;
}

export interface SecureHubOptions {
  readonly identity?: string;
  readonly limits?: QmqpServerLimits;
}

const open: (() => Promise<void>)[] = [];

after(() => Promise.all(open.map((close) => close())));

export async function secureHub(options: SecureHubOptions = {}): Promise<SecureHub> {
  const identity = options.identity ?? (await identityOf('hub.test'));
  const home = temporaryHome({ me: 'hub.test\n', qmqpskey: identity });
  const control = `${home}/control`;
  for (const name of ['', '/.requests', '/.heard']) mkdirSync(`${control}/satellites${name}`);
  const intake = memoryIntake();
  const lines: string[] = [];
  const limits = options.limits === undefined ? {} : { limits: options.limits };
  const listener = await listenQmqps({
    address: '127.0.0.1',
    port: 0,
    control,
    intake,
    localHost: 'hub.test',
    log: (line) => lines.push(line),
    ...limits,
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= listener.close();
    return closed;
  };
  open.push(close);
  return {
    home,
    control,
    port: listener.address.port,
    pin: fingerprintOf(identity),
    intake,
    lines,
    write: (name, ...text) => writeFileSync(`${control}/satellites/${name}`, `${text.join('\n')}\n`),
    close,
  };
}

export interface SecureSubmission {
  readonly pins?: readonly string[];
  readonly message?: string;
  readonly sender?: string;
  readonly recipients?: readonly string[];
}

const limits = { connectMs: 10_000, idleMs: 10_000, totalMs: 20_000 };

/** Submits one message with this identity, as a satellite does; what came of it. */
export async function submitSecurely(hub: SecureHub, identity: string, own: SecureSubmission = {}) {
  const { pins = [hub.pin], message = 'Subject: q\n\nbody\n', sender = 's@x', recipients = ['r@y'] } = own;
  const bytes = bytesOf(message);
  const pack = formatPackage({ sizeBytes: bytes.length, chunks: () => [bytes] }, { sender, recipients });
  const { network, monotonic } = nodeSystem([]);
  const world = { network, monotonic, identity: () => identity };
  const { outcome } = await submitPackage(world, [{ host: '127.0.0.1', port: hub.port, pins }], pack, limits);
  if (outcome === undefined) throw new Error('no hub was asked');
  return outcome;
}

/** The same, as one text: K, Z or D and what the hub said, or why there was no answer. */
export async function say(hub: SecureHub, identity: string, own: SecureSubmission = {}): Promise<string> {
  const outcome = await submitSecurely(hub, identity, own);
  return outcome.kind === 'answered'
    ? outcome.answer.verdict + outcome.answer.text
    : `${outcome.kind}: ${outcome.text}`;
}
