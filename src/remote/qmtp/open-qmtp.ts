/**
 * QMTP as a transport (src/qmtp): a request for each message, over one connection, and an answer for each recipient. There
 * is no TLS and no login: a route that demands either is not taken.
 */
import type { Duplex } from 'node:stream';
import { createQmtpReplies, formatQmtpRequest, type QmtpReplies } from '../../qmtp/index.ts';
import { type Answer, type ByteString, errorCode, errorText, printable } from '../../system/index.ts';
import { connectTo } from '../connect-to.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Connection, Delivered, Demands, Hop, Opening, Transport } from '../transport.ts';

export interface QmtpSettings {
  readonly connectMs: number;
  /** How long the server may be silent, and how long it may take to read on. */
  readonly replyMs: number;
  /** How long one message may take in all. */
  readonly conversationMs: number;
}

/** Bytes of a message that wait to be taken by the socket: more is read when it has taken them. */
const waitingBytesMax = 256 * 1024;

const said = { K: 'accepted the message', Z: 'did not accept it now', D: 'refused it' } as const;

/** An answer as it is told on: whose it is, and without what could be no text. */
function told({ verdict, text }: Answer, peer: ByteString): Answer {
  const words = `${peer} ${said[verdict]}.\nRemote host said: ${printable(text)}\n`;
  return { verdict, text: words };
}

/** On a connection that stands already. `peer`: how reports call the server. */
export function qmtpOver(socket: Duplex, settings: QmtpSettings, peer: ByteString): Connection {
  let over: string | undefined;
  let replies: QmtpReplies | undefined;
  let wake: (() => void) | undefined;
  let complete = false;

  function end(reason: string): void {
    over ??= reason;
    wake?.();
  }

  socket.on('data', (bytes: Uint8Array) => {
    const state = replies?.feed(bytes).state ?? 'malformed';
    if (state === 'malformed') {
      end('what it says is no QMTP');
      socket.destroy();
    }
    complete = state === 'complete';
    wake?.();
  });
  socket.on('drain', () => wake?.());
  socket.on('end', () => end('connection died'));
  socket.on('close', () => end('connection died'));
  socket.on('error', (error) => end(`connection died: ${printable(errorText(error), 200)}`));

  /** Resolves when something has happened; answers whether it was in time. */
  function happening(waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const tooLate = setTimeout(() => done(false), Math.max(waitMs, 0));
      const done = (inTime: boolean) => {
        clearTimeout(tooLate);
        wake = undefined;
        resolve(inTime);
      };
      wake = () => done(true);
    });
  }

  async function waitFor(ready: () => boolean, untilMs: number): Promise<void> {
    while (!ready() && over === undefined) {
      const waitMs = Math.min(settings.replyMs, untilMs - performance.now());
      if (!(await happening(waitMs))) over = 'it took too long';
    }
  }

  /** Answers whether all of the message has been handed to the system, as far as is known. */
  async function exchange(outgoing: Outgoing): Promise<boolean> {
    const untilMs = performance.now() + settings.conversationMs;
    for (const piece of formatQmtpRequest(outgoing)) {
      // The piece is good until the next one is asked for.
      socket.write(Buffer.from(piece));
      if (socket.writableLength > waitingBytesMax) await waitFor(() => !socket.writableNeedDrain, untilMs);
      if (over !== undefined) return false;
    }
    await waitFor(() => complete, untilMs);
    return true;
  }

  /** Answers as a delivery: those of who accepted are the message's. */
  function delivered(answers: readonly Answer[], rest: readonly Answer[]): Delivered {
    const recipients = [...answers.map((answer) => told(answer, peer)), ...rest];
    const taken = recipients.find(({ verdict }) => verdict === 'K');
    const isFinal = recipients.every(({ verdict }) => verdict === 'D');
    const givenUp: Answer = { verdict: isFinal ? 'D' : 'Z', text: `Giving up on ${peer}.\n` };
    return { recipients, message: taken ?? givenUp, undecided: false };
  }

  async function send(outgoing: Outgoing): Promise<Delivered> {
    const count = outgoing.recipients.length;
    complete = false;
    replies = createQmtpReplies(count);
    const wasSent = await exchange(outgoing);
    const { answers } = replies;
    replies = undefined;
    const doubt = wasSent ? ' Possible duplicate!' : '';
    const broken: Answer = { verdict: 'Z', text: `Connected to ${peer} but ${over}.${doubt} (#4.4.2)\n` };
    if (!complete && answers.length === 0) return { recipients: [], message: broken, undecided: !wasSent };
    return delivered(answers, Array<Answer>(count - answers.length).fill(broken));
  }

  let busy = false;
  return {
    async deliver(outgoing) {
      busy = true;
      try {
        return await send(outgoing);
      } catch (error) {
        // A request that is not whole: the server forgets it.
        over = errorText(error);
        const text = `Unable to send the message: ${errorText(error)}. (#4.3.0)\n`;
        return { recipients: [], message: { verdict: 'Z', text }, undecided: false };
      } finally {
        busy = false;
        if (over !== undefined) socket.destroy();
      }
    },
    get isOpen() {
      return !busy && over === undefined && !socket.destroyed;
    },
    close() {
      if (busy) socket.destroy();
      else socket.end(() => socket.destroy());
    },
  };
}

function failed(text: ByteString, timedOut = false): Opening {
  return { ok: false, timedOut, answer: { verdict: 'Z', text } };
}

/** What a route demands that this protocol does not have. */
function missing({ tls, implicitTls, login }: Demands): string | undefined {
  if (implicitTls || tls === 'must' || tls === 'verify') return 'TLS';
  return login === undefined ? undefined : 'logins';
}

/** `settings` are asked for at each connection. */
export function createQmtpTransport(settings: () => QmtpSettings): Transport {
  return {
    async open(hop: Hop, demands: Demands) {
      const lack = missing(demands);
      if (lack !== undefined)
        return failed(`The route to ${printable(hop.host)} demands ${lack}, and QMTP has none. (#4.7.0)\n`);
      const current = settings();
      try {
        const socket = await connectTo(hop, current.connectMs);
        return { ok: true, connection: qmtpOver(socket, current, hop.address) };
      } catch (error) {
        const text = `Unable to connect to ${hop.address}: ${errorText(error)}. (#4.4.1)\n`;
        return failed(text, errorCode(error) === 'ETIMEDOUT');
      }
    },
  };
}
