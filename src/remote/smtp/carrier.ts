/**
 * Carries conversations over a socket: sends what they say, waits for what they are to hear, for so long and no longer,
 * begins TLS, and sends the message as fast as the socket takes it.
 */
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import type { MessageBody } from '../../mail/index.ts';
import { errorText, printable } from '../../system/index.ts';
import { createWireText } from '../wire-text.ts';
import { BrokenOff, type Conversation, type Step } from './conversation.ts';
import { createReplyReader, type Reply } from './reply-reader.ts';

export interface CarrierOptions {
  /** Whom a certificate must be for: a name, or an address. */
  readonly host: string;
  /** The name that goes into a TLS handshake; undefined for a host that has none. */
  readonly serverName: string | undefined;
  readonly mustVerify: boolean;
  /** Authorities, in PEM, in place of those that Node knows. */
  readonly authorities: string | undefined;
  /** Whether the server greets in TLS only, which is to be begun before anything is carried. */
  readonly implicitTls: boolean;
  /** How long a reply may take, and how long the server may take to read on. */
  readonly replyMs: number;
}

export interface Carrier {
  /** Begins TLS. Rejects with BrokenOff. */
  secure(): Promise<void>;
  /**
   * Carries a conversation to its end, which it breaks off `withinMs` from now. `body`: what the step `message` sends; when
   * it cannot be read, it rejects.
   */
  carry<Result>(conversation: Conversation<Result>, withinMs: number, body?: MessageBody): Promise<Result>;
  /** Whether the server is there and has said nothing unasked. */
  readonly isIdle: boolean;
  /** Says QUIT, if that can be heard, and waits for nothing. */
  close(): void;
}

/** How long a TLS handshake may take. */
export const handshakeMsMax = 60_000;

/** How long a connection that was said goodbye to may take to be gone. */
const goodbyeMs = 5_000;

const died = 'connection died';
const tooSlow = 'it took too long';

export function createCarrier(plain: Duplex, options: CarrierOptions): Carrier {
  let socket: Duplex = plain;
  const replies = createReplyReader();
  if (!options.implicitTls) replies.expect(1);
  /** Why nothing more can be heard. */
  let over: string | undefined;
  let inMessage = false;
  let closed = false;
  let wake: (() => void) | undefined;
  let deadlineMs = Number.POSITIVE_INFINITY;

  function end(reason: string): void {
    over ??= reason;
    wake?.();
  }

  function takeBytes(bytes: Uint8Array): void {
    replies.push(bytes);
    wake?.();
  }

  function listen(to: Duplex): void {
    to.on('data', takeBytes);
    to.on('drain', () => wake?.());
    to.on('end', () => end(died));
    to.on('close', () => end(died));
    to.on('error', (error) => end(`${died}: ${printable(errorText(error), 200)}`));
  }
  listen(plain);

  /** Resolves with what `find` finds; rejects when it cannot be found any more, or not in time. */
  function wait<Found>(find: () => Found | undefined, waitMs: number): Promise<Found> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        wake = undefined;
        clearTimeout(timer);
      };
      wake = () => {
        const found = find();
        const gone = replies.broken ?? over;
        if (found === undefined && gone === undefined) return;
        finish();
        if (found === undefined) reject(new BrokenOff(gone ?? died));
        else resolve(found);
      };
      const leftMs = Math.min(waitMs, deadlineMs - performance.now());
      const timer = setTimeout(
        () => {
          finish();
          over ??= tooSlow;
          reject(new BrokenOff(tooSlow, { timedOut: true }));
        },
        Math.max(leftMs, 0),
      );
      wake();
    });
  }

  function expect(count: number): void {
    const wrong = replies.expect(count) ?? over;
    if (wrong !== undefined) throw new BrokenOff(wrong);
  }

  /** Sends the message, or as much of it as the server wants: a reply before its end is an answer to all of it. */
  async function sendMessage(body: MessageBody): Promise<Reply | undefined> {
    expect(1);
    inMessage = true;
    const text = createWireText({ forData: true });
    let early: Reply | undefined;
    const hasAnswered = () => {
      early ??= replies.next();
      return early !== undefined;
    };
    let held: Uint8Array = new Uint8Array(0);
    for (const piece of body.chunks()) {
      if (held.length > 0) {
        socket.write(held);
        if (socket.writableNeedDrain) {
          await wait(() => hasAnswered() || !socket.writableNeedDrain || undefined, options.replyMs);
        } else await nextTurn();
        if (hasAnswered()) return early;
        if (over !== undefined) throw new BrokenOff(over);
      }
      held = text.push(piece);
    }
    socket.write(Buffer.concat([held, text.end()]));
    inMessage = false;
    return undefined;
  }

  async function secure(): Promise<void> {
    // What came in plain text may be anybody's (CVE-2011-0411).
    replies.forget();
    plain.off('data', takeBytes);
    const { host, serverName, mustVerify, authorities, implicitTls } = options;
    let isSecure = false;
    const secured: TLSSocket = connectTls({
      socket: plain,
      rejectUnauthorized: mustVerify,
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(authorities === undefined ? {} : { ca: authorities }),
    });
    socket = secured;
    secured.once('secureConnect', () => {
      isSecure = true;
      if (implicitTls) replies.expect(1);
      wake?.();
    });
    listen(secured);
    try {
      await wait(() => isSecure || undefined, Math.min(options.replyMs, handshakeMsMax));
    } catch (error) {
      const timedOut = error instanceof BrokenOff && error.timedOut;
      throw new BrokenOff(`TLS failed: ${errorText(error)}`, { inTls: true, timedOut });
    }
  }

  async function perform(step: Step, body: MessageBody | undefined): Promise<Reply | undefined> {
    switch (step.step) {
      case 'say':
        expect(step.replies);
        socket.write(step.text, 'latin1');
        return undefined;
      case 'hear':
        return await wait(replies.next, options.replyMs);
      case 'secure':
        await secure();
        return undefined;
      case 'message':
        if (body === undefined) throw new Error('there is no message to send');
        return await sendMessage(body);
    }
  }

  async function carry<Result>(
    conversation: Conversation<Result>,
    withinMs: number,
    body?: MessageBody,
  ): Promise<Result> {
    deadlineMs = performance.now() + withinMs;
    let next = conversation.next();
    while (!next.done) {
      let heard: Reply | undefined;
      try {
        heard = await perform(next.value, body);
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        next = conversation.throw(error);
        continue;
      }
      next = conversation.next(heard);
    }
    deadlineMs = Number.POSITIVE_INFINITY;
    return next.value;
  }

  return {
    secure,
    carry,
    get isIdle() {
      return over === undefined && !closed && replies.isIdle;
    },
    close() {
      if (closed) return;
      closed = true;
      // In the middle of a message it would be a line of it.
      if (over !== undefined || inMessage) {
        socket.destroy();
        return;
      }
      socket.end('QUIT\r\n');
      setTimeout(() => socket.destroy(), goodbyeMs).unref();
    },
  };
}
