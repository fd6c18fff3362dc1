/**
 * Messages for those who deliver them, on a Unix socket in the queue's directory. Anybody may connect, and gets nothing
 * without a token: qmail-send makes one for each attempt and gives it to whoever is to deliver, and it serves once. So a
 * user's worker reads the messages to that user, and no process in between has to read a byte of them.
 *
 *     client: fetch(number, token)     server: piece(number, bytes) * end(number) / failed(number, text)
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageBody } from '../mail/index.ts';
import { type FrameLink, openFrameLink } from '../process/index.ts';
import { type ByteString, bytesOf, errorText } from '../system/index.ts';
import { bodyFrame, bodySocketPath, tokenBytes } from './body-protocol.ts';

/** Anybody may connect: the token decides. */
const socketMode = 0o666;

/** Connections that have not shown a token yet, and how long each may take to show one. The oldest makes room. */
const strangersMax = 200;
const strangerMsMax = 10_000;

/**
 * Connections that have shown one: for each of qmail-lspawn's workers (workersMax in qmail-lspawn.ts), for qmail-rspawn,
 * and for those that have ended while their place is already taken again.
 */
const connectionsMax = 1100;

/** Messages that one connection may wait for. */
const waitingMax = 1000;

export interface BodyOffer {
  readonly token: ByteString;
  /** The token is good no longer. */
  withdraw(): void;
}

export interface BodyListener {
  /** Lets whoever has the token fetch a message, once. */
  offer(body: MessageBody): BodyOffer;
  close(): Promise<void>;
}

export interface BodyListenerOptions {
  /** The queue's directory. The caller holds the queue's lock. */
  readonly directory: string;
  readonly log: (line: string) => void;
}

interface Fetch {
  readonly number: number;
  /** Undefined when the token was not good. */
  readonly body: MessageBody | undefined;
}

/** Answers one after the other, and sends a message no faster than it is read: others have their turns in between. */
async function sendAll(link: FrameLink, wanted: Fetch[], isOver: () => boolean): Promise<void> {
  for (let next = wanted[0]; next !== undefined && !isOver(); next = wanted[0]) {
    const { number, body } = next;
    try {
      let sentBytes = 0;
      for (const piece of body?.chunks() ?? []) {
        if (sentBytes > 0) await (link.congested() ?? nextTurn());
        if (isOver()) return;
        // The piece is good until the next is asked for, and may wait longer than that to be sent.
        link.send(bodyFrame.piece, number, new Uint8Array(piece));
        sentBytes += piece.length;
      }
      if (body === undefined) link.send(bodyFrame.failed, number, bytesOf('this delivery is over'));
      else link.send(bodyFrame.end, number);
      await link.congested();
    } catch (error) {
      link.send(bodyFrame.failed, number, bytesOf(errorText(error).slice(0, 1000)));
    }
    wanted.shift();
  }
}

/** Rejects when the socket cannot be made. */
export function listenBodies({ directory, log }: BodyListenerOptions): Promise<BodyListener> {
  const offers = new Map<ByteString, MessageBody>();
  const sockets = new Set<Socket>();
  const strangers = new Set<FrameLink>();

  function serve(socket: Socket): void {
    if (strangers.size >= strangersMax) strangers.values().next().value?.destroy();
    if (sockets.size - strangers.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    let over = false;
    const wanted: Fetch[] = [];
    const tooLate = setTimeout(() => link.destroy(), strangerMsMax);
    const knowIt = () => {
      strangers.delete(link);
      clearTimeout(tooLate);
    };
    const link = openFrameLink(socket, {
      payloadBytesMax: tokenBytes,
      onFrame({ type, number, payload }) {
        const token = payload.toString('latin1');
        const body = offers.get(token);
        // A token whose delivery was given up is no offence; a stranger without one is.
        const stranger = body === undefined && strangers.has(link);
        if (type !== bodyFrame.fetch || stranger || wanted.length >= waitingMax) {
          link.destroy();
          return;
        }
        offers.delete(token);
        knowIt();
        wanted.push({ number, body });
        if (wanted.length === 1) sendAll(link, wanted, () => over);
      },
      onEnd() {
        over = true;
        knowIt();
        sockets.delete(socket);
        link.destroy();
      },
    });
    strangers.add(link);
  }

  const path = bodySocketPath(directory);
  rmSync(path, { force: true });
  const server = createServer(serve);
  server.on('error', (error) => log(`unable to accept who fetches a message: ${errorText(error)}`));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, socketMode);
      resolve({
        offer(body) {
          const token = randomBytes(tokenBytes / 2).toString('hex');
          offers.set(token, body);
          return { token, withdraw: () => offers.delete(token) };
        },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
