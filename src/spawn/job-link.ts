/**
 * Jobs for another process, and what became of them. qmail-send asks qmail-lspawn and qmail-rspawn in this way, and
 * qmail-lspawn the delivery workers. Jobs run side by side; each is answered once. The side that asks looks now and
 * then whether the other is alive, and does not trust it: it answers what it was asked, briefly, or the link breaks.
 *
 *     asked:    job(number, fields)   ping(0)           answered:  report(number, verdict text)   pong(0)
 */
import type { Socket } from 'node:net';
import { type Frame, type FrameLink, openFrameLink, packFields, unpackFields } from '../process/index.ts';
import { type Answer, type ByteString, bytesOf, errorText, isVerdict } from '../system/index.ts';

const frameType = { job: 1, report: 2, ping: 3, pong: 4 } as const;

/** Bytes of a report's text. A longer one is cut, as qmail-lspawn does it. */
export const reportBytesMax = 3000;
const cutNote = '\nError report too long, sorry.\n';

const reportFrameBytesMax = 1 + reportBytesMax + cutNote.length;

/** Fields of a job: addresses, names, paths and instructions. */
const jobBytesMax = 100_000;

/** How often the other side is asked for a sign of life, and how long it may take to give one. */
export const pingMs = 5_000;
const silenceMsMax = 60_000;

const numberMax = 0xffff_ffff;

export interface JobLink {
  /** Jobs that have not been answered. */
  readonly running: number;
  /** Never rejects: a link that is gone answers Z. */
  ask(fields: readonly ByteString[]): Promise<Answer>;
  /** Takes no more jobs; the other side may end when it has answered those that run. */
  close(): void;
  /** Gives up what runs. */
  destroy(): void;
}

export interface JobLinkOptions {
  readonly socket: Socket;
  /** What reports call the other side. */
  readonly peer: string;
  /** The link is over. Without a reason the other side has ended it in order. */
  readonly onLost: (reason?: string) => void;
  readonly silenceMs?: number;
}

export function openJobLink({ socket, peer, onLost, silenceMs = silenceMsMax }: JobLinkOptions): JobLink {
  const waiting = new Map<number, (answer: Answer) => void>();
  /** Signs of life in a row that the other side may owe: whoever was stopped for a while does not blame it for that. */
  const pingEveryMs = Math.min(pingMs, silenceMs);
  const owedMax = Math.ceil(silenceMs / pingEveryMs);
  let last = 0;
  let over = false;
  let closing = false;
  /** Pings since anything was heard, and those that have not been answered. */
  let unheard = 0;
  let pongsOwed = 0;

  const lost = (): Answer => ({ verdict: 'Z', text: `${peer} went away before it was done. (#4.3.0)\n` });

  function finish(reason?: string): void {
    over = true;
    clearInterval(clock);
    for (const answer of waiting.values()) answer(lost());
    waiting.clear();
    onLost(reason);
  }

  function reported(number: number, payload: Buffer): string | undefined {
    const answer = waiting.get(number);
    const verdict = payload.toString('latin1', 0, 1);
    if (answer === undefined) return 'it answered what it was not asked';
    if (!isVerdict(verdict)) return 'its answer is none';
    waiting.delete(number);
    answer({ verdict, text: payload.toString('latin1', 1) });
    if (closing && waiting.size === 0) link.end();
    return undefined;
  }

  /** What is wrong with a frame, if anything. */
  function take({ type, number, payload }: Frame): string | undefined {
    unheard = 0;
    if (type === frameType.report) return reported(number, payload);
    if (type !== frameType.pong || pongsOwed === 0) return 'it says what it was not asked';
    pongsOwed -= 1;
    return undefined;
  }

  const link: FrameLink = openFrameLink(socket, {
    payloadBytesMax: reportFrameBytesMax,
    onFrame(frame) {
      const wrong = take(frame);
      if (wrong !== undefined) breakUp(wrong);
    },
    onEnd(reason) {
      finish(broken ?? reason);
      link.destroy();
    },
  });
  let broken: string | undefined;

  function breakUp(reason: string): void {
    broken = reason;
    link.destroy();
  }

  const clock = setInterval(() => {
    if (waiting.size === 0) return;
    if (unheard >= owedMax) {
      breakUp('it gave no sign of life');
      return;
    }
    unheard += 1;
    pongsOwed += 1;
    link.send(frameType.ping, 0);
  }, pingEveryMs);
  clock.unref();

  return {
    get running() {
      return waiting.size;
    },
    ask(fields) {
      if (over || closing) return Promise.resolve(lost());
      if (waiting.size === 0) unheard = 0;
      last = last === numberMax ? 1 : last + 1;
      link.send(frameType.job, last, packFields(fields));
      return new Promise((resolve) => {
        waiting.set(last, resolve);
      });
    },
    close() {
      closing = true;
      if (waiting.size === 0) link.end();
    },
    destroy: () => link.destroy(),
  };
}

/** Carries out a job; what it throws is a temporary failure. Undefined fields were no job: they break the link. */
export type CarryOut = (fields: readonly ByteString[]) => Promise<Answer>;

/**
 * Resolves when the side that asks has closed, or is gone, and what ran is done and answered. The socket may be half
 * open.
 */
export function serveJobs(socket: Socket, carryOut: CarryOut): Promise<void> {
  return new Promise((resolve) => {
    let running = 0;
    let ended = false;
    const finish = () => {
      if (!ended || running > 0) return;
      socket.once('close', resolve);
      link.end();
      if (socket.closed) resolve();
    };
    const link = openFrameLink(socket, {
      payloadBytesMax: jobBytesMax,
      onFrame({ type, number, payload }) {
        if (type === frameType.ping) {
          link.send(frameType.pong, 0);
          return;
        }
        const fields = type === frameType.job ? unpackFields(payload) : undefined;
        if (fields === undefined) {
          link.destroy();
          return;
        }
        running += 1;
        carryOut(fields)
          .catch((error: unknown): Answer => ({ verdict: 'Z', text: `${errorText(error)} (#4.3.0)\n` }))
          .then(({ verdict, text }) => {
            running -= 1;
            link.send(frameType.report, number, bytesOf(`${verdict}${cut(text)}`));
            finish();
          });
      },
      onEnd() {
        ended = true;
        finish();
      },
    });
  });
}

function cut(text: ByteString): ByteString {
  return text.length > reportBytesMax ? `${text.slice(0, reportBytesMax)}${cutNote}` : text;
}
