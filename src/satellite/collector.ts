/**
 * The collector of a machine with several users: takes messages of local programs at a Unix socket, learns who calls by
 * proof (submit/proof.ts), and hands them on. It alone needs to read the key and to write the spool.
 *
 * At most so many connections are open, in all and of one user, and each may take so long: no user can keep out others.
 */
import {
  createServerSession,
  formatNetstring,
  formatReply,
  type PackageLimits,
  type ReplyCause,
  type Submission,
} from '../../qmqp/index.ts';
import { receivedByQueue } from '../mail/index.ts';
import { createSpill, nonceBytes, ownerOfProof, proofDirectoryMode, type Queue } from '../submit/index.ts';
import {
  type Answer,
  type ByteString,
  bytesOf,
  errorCode,
  errorText,
  type LocalListener,
  type LocalPlace,
  type Stream,
  type System,
} from '../system/index.ts';

export interface CollectorLimits extends PackageLimits {
  readonly connectionsMax: number;
  readonly connectionsPerUserMax: number;
  /** Until the request has begun, and with it the message's length and the proof are known. */
  readonly beginMs: number;
  /** Without a byte while a request is incomplete. */
  readonly stepMs: number;
  readonly totalMs: number;
  /** In all, for the caller to read an early refusal, and to stop sending. */
  readonly lingerMs: number;
  /** Bytes that are read and dropped after an early refusal, so that the caller gets to read it. */
  readonly lingerBytesMax: number;
}

export const collectorLimits: CollectorLimits = {
  messageBytesMax: 2_000_000_000,
  addressBytesMax: 999,
  recipientsMax: 50_000,
  envelopeBytesMax: 4 * 1024 * 1024,
  connectionsMax: 100,
  connectionsPerUserMax: 40,
  beginMs: 10_000,
  stepMs: 60_000,
  totalMs: 3_600_000,
  lingerMs: 5_000,
  lingerBytesMax: 64 * 1024 * 1024,
};

export interface CollectorOptions {
  /** Holds the socket `intake` and the directory `proof`. */
  readonly directory: ByteString;
  /** A socket that listens already; without it one is made. */
  readonly descriptor?: number | undefined;
  /** After so long without a connection it ends; never without it. */
  readonly idleMs?: number | undefined;
  readonly queue: Queue;
  readonly limits?: CollectorLimits;
  /** Called when callers can connect. */
  onReady?(): void;
  /** Takes one line without its line end, for each message that was not accepted. */
  readonly log: (line: string) => void;
}

/** Anybody may connect: who it was is known. */
const socketMode = 0o666;

/** How long one wait for a connection lasts when there is no time after which to end. */
const waitMs = 3_600_000;

function answerText({ verdict, text }: Answer): Uint8Array {
  return bytesOf(formatNetstring(`${verdict}${text}`));
}

const busy: Answer = { verdict: 'Z', text: 'the collector has too many callers (#4.3.2)' };
const silent: Answer = { verdict: 'Z', text: 'nothing received for too long (#4.4.2)' };

/** Makes the directory of proofs. It may be there, and may then be another's to set up. */
function makeProofs(system: System, directory: ByteString): void {
  const path = `${directory}/proof`;
  try {
    system.files.makeDirectory(path, 0o700);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const { mode, uid } = system.files.entryStatus(path);
  if (mode !== proofDirectoryMode && uid === system.uid) system.files.setMode(path, proofDirectoryMode);
}

function takeProof(system: System, path: ByteString): number {
  const status = system.files.entryStatus(path);
  if (status.kind !== 'directory') system.files.unlink(path);
  return ownerOfProof(status);
}

function newNonce(system: System): ByteString {
  let text = '';
  for (const byte of system.random(nonceBytes)) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Runs until it has been idle for so long. Rejects when nobody could connect to it. */
export async function runCollector(system: System, options: CollectorOptions): Promise<void> {
  const { directory, descriptor, idleMs, queue, limits = collectorLimits, log } = options;
  const open = new Set<Promise<void>>();
  const perUser = new Map<number, number>();

  function begin(nonce: ByteString, onCaller: (uid: number) => void): Submission {
    const uid = takeProof(system, `${directory}/proof/${nonce}`);
    const count = perUser.get(uid) ?? 0;
    if (count >= limits.connectionsPerUserMax) throw new Error(`uid ${uid} has too many connections`);
    perUser.set(uid, count + 1);
    onCaller(uid);
    const spill = createSpill(system);
    spill.write(bytesOf(receivedByQueue(system.pid, uid, system.now())));
    return {
      message(bytes) {
        spill.write(bytes);
        return undefined;
      },
      async complete(envelope) {
        try {
          return (await queue(system, spill, envelope)).answer;
        } finally {
          spill.close();
        }
      },
      abandon: () => spill.close(),
    };
  }

  /** A log that cannot be written, as on a full disk, must not end what callers wait for. */
  function tell(line: string): void {
    try {
      log(line);
    } catch {
      // There is nobody else to tell; the caller hears the same as its answer.
    }
  }

  /**
   * Reads what a caller sends that has been refused already: with bytes unread, its reply would be lost. A caller that
   * sends on and on, however slowly, keeps its connection no longer than one that is silent.
   */
  async function drain(stream: Stream): Promise<void> {
    const endMs = system.monotonic() + limits.lingerMs;
    for (let sizeBytes = 0; sizeBytes <= limits.lingerBytesMax; ) {
      const leftMs = endMs - system.monotonic();
      if (leftMs <= 0) return;
      const bytes = await stream.read(leftMs);
      if (bytes === undefined) return;
      sizeBytes += bytes.length;
    }
  }

  async function converse(stream: Stream, onCaller: (uid: number) => void): Promise<void> {
    const untilMs = system.monotonic() + limits.totalMs;
    const nonce = newNonce(system);
    let settle: (cause: ReplyCause) => void = () => {};
    const replied = new Promise<ReplyCause>((fulfil) => {
      settle = fulfil;
    });
    let reply: Uint8Array | undefined;
    let hasBegun = false;
    const session = createServerSession({
      limits,
      begin() {
        const submission = begin(nonce, onCaller);
        hasBegun = true;
        return submission;
      },
      reply(bytes, cause, { verdict, text }) {
        reply = bytes;
        settle(cause);
        if (verdict !== 'K') tell(`collectd: verdict=${verdict} text="${text}"`);
      },
    });
    await stream.write(bytesOf(formatNetstring(nonce)), limits.beginMs);
    const begunMs = system.monotonic() + limits.beginMs;
    // Until then nobody knows whose connection it is: it counts for no user.
    const leftMs = (nowMs: number) => (hasBegun ? Math.min(limits.stepMs, untilMs - nowMs) : begunMs - nowMs);
    while (!session.finished) {
      try {
        const bytes = await stream.read(Math.max(1, leftMs(system.monotonic())));
        if (bytes === undefined) {
          session.end();
          return;
        }
        await session.feed(bytes);
      } catch (error) {
        if (errorCode(error) !== 'ETIMEDOUT') {
          session.end();
          return;
        }
        session.refuse(silent);
      }
    }
    const cause = await replied;
    await stream.write(reply ?? formatReply(silent), limits.stepMs);
    if (cause !== 'complete') await drain(stream);
  }

  async function serve(stream: Stream): Promise<void> {
    let caller: number | undefined;
    try {
      await converse(stream, (uid) => {
        caller = uid;
      });
    } catch {
      // A caller that is gone, or takes nothing any more, has been told nothing, and knows it.
    } finally {
      stream.close();
      if (caller !== undefined) {
        const count = perUser.get(caller) ?? 0;
        if (count > 1) perUser.set(caller, count - 1);
        else perUser.delete(caller);
      }
    }
  }

  async function refuse(stream: Stream): Promise<void> {
    try {
      await stream.write(answerText(busy), limits.beginMs);
    } catch {
      // It has gone away.
    }
    stream.close();
  }

  makeProofs(system, directory);
  const place: LocalPlace =
    descriptor === undefined ? { path: `${directory}/intake`, mode: socketMode } : { descriptor };
  const listener: LocalListener = await system.network.listenLocal(place);
  options.onReady?.();
  try {
    for (;;) {
      const stream = await listener.accept(idleMs ?? waitMs);
      if (stream === undefined) {
        if (idleMs !== undefined && open.size === 0) return;
      } else if (open.size >= limits.connectionsMax) {
        await refuse(stream);
      } else {
        const served: Promise<void> = serve(stream).finally(() => open.delete(served));
        open.add(served);
      }
    }
  } catch (error) {
    throw new Error(`${directory}/intake: ${errorText(error)}`, { cause: error });
  } finally {
    listener.close();
  }
}
