/** Takes messages for the queue from the network servers of this host (relay-protocol.ts). */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Envelope } from '../mail/index.ts';
import { type Frame, openFrameLink, packFields, unpackFields } from '../process/index.ts';
import { addressBytesMax, type IncomingMessage, type Intake } from '../queue/index.ts';
import { type Answer, type ByteString, bytesOf, errorText } from '../system/index.ts';
import type { Proofs } from './proofs.ts';
import { qmqpServerLimits } from './qmqp-limits.ts';
import { relayFrame, relaySocketPath } from './relay-protocol.ts';

/** Anybody may connect: who it was is known. */
const socketMode = 0o666;

/** Servers at the same time; of those that have not proven themselves the oldest makes room. */
const connectionsMax = 100;

/** How long each may take to prove itself. */
const proofMsMax = 10_000;

/** Messages that one server may have begun. */
const messagesMax = 10_000;

/** Recipients that are looked for at the same time for one server: one for each of its clients. More pass unseen. */
export const checksMax = 10_000;

const hostBytesMax = 100;
/** With what was found of the message's authors. */
const receivedBytesMax = 16_384;

export interface RelayListenerOptions {
  /** The queue directory; the socket is made in it. The caller of this holds the queue's lock. */
  readonly directory: string;
  readonly proofs: Proofs;
  readonly intake: Intake;
  /** Whether a network server runs as this user. */
  isServer(uid: number): boolean;
  /** Whether there is such a recipient here: D, if there is none. */
  checkRecipient?(address: ByteString): Promise<Answer>;
  /** Takes one line without its line end. */
  readonly log: (line: string) => void;
}

export interface RelayListener {
  close(): Promise<void>;
}

/** A message that is on its way. */
interface Passage {
  readonly incoming: IncomingMessage;
  readonly recipients: ByteString[];
  envelopeBytes: number;
}

function addRecipients(passage: Passage, addresses: readonly ByteString[]): boolean {
  const { recipientsMax, envelopeBytesMax } = qmqpServerLimits;
  for (const address of addresses) {
    passage.envelopeBytes += address.length;
    passage.recipients.push(address);
  }
  return passage.recipients.length <= recipientsMax && passage.envelopeBytes <= envelopeBytesMax;
}

/** The delivery will say. */
const mayBeThere: Answer = { verdict: 'K', text: '' };

/** `strangers`: the connections that have proven nothing yet, the oldest first. */
function serve(socket: Socket, options: RelayListenerOptions, strangers: Set<Socket>): void {
  const passages = new Map<number, Passage>();
  const nonce = options.proofs.nonce();
  let proven = false;
  /** Recipients that are being looked for. */
  let checks = 0;
  const tooLate = setTimeout(() => link.destroy(), proofMsMax);
  strangers.add(socket);

  function breakUp(reason: string): void {
    options.log(`warning: a network server's connection is closed: ${reason}`);
    link.destroy();
  }

  function prove(): void {
    const uid = options.proofs.take(nonce);
    if (!options.isServer(uid)) throw new Error(`uid ${uid} is no network server`);
    proven = true;
    strangers.delete(socket);
    clearTimeout(tooLate);
  }

  function begin(number: number, payload: Buffer): void {
    const [host, received, ...more] = unpackFields(payload) ?? [];
    if (host === undefined || received === undefined || more.length > 0)
      throw new Error('it began no message');
    if (host.length > hostBytesMax || received.length > receivedBytesMax) throw new Error('too long a host');
    if (passages.has(number) || passages.size >= messagesMax) throw new Error('too many messages');
    const incoming = options.intake.begin({ caller: 'network', host, received });
    passages.set(number, { incoming, recipients: [], envelopeBytes: 0 });
  }

  async function commit(number: number, passage: Passage, envelope: Envelope): Promise<void> {
    let answer: Answer;
    try {
      answer = await passage.incoming.commit(envelope);
    } catch (error) {
      answer = { verdict: 'Z', text: `${errorText(error)} (#4.3.0)` };
    }
    const { verdict, text } = answer;
    link.send(relayFrame.answer, number, packFields([verdict, text, String(passage.incoming.id)]));
  }

  async function look(address: ByteString): Promise<Answer> {
    if (options.checkRecipient === undefined || checks >= checksMax) return mayBeThere;
    checks += 1;
    try {
      return await options.checkRecipient(address);
    } finally {
      checks -= 1;
    }
  }

  async function check(number: number, payload: Buffer): Promise<void> {
    const [address = '', ...more] = unpackFields(payload) ?? [];
    if (more.length > 0 || address.length > addressBytesMax) throw new Error('it asked for no recipient');
    const { verdict, text } = await look(address);
    link.send(relayFrame.answer, number, packFields([verdict, text, '0']));
  }

  /** Throws for what a server of ours would not say. */
  function take({ type, number, payload }: Frame): void {
    if (type === relayFrame.proven && !proven) {
      prove();
      return;
    }
    if (!proven) throw new Error('it has not proven who it is');
    if (type === relayFrame.check) {
      check(number, payload).catch((error: unknown) => breakUp(errorText(error)));
      return;
    }
    if (type === relayFrame.begin) {
      begin(number, payload);
      return;
    }
    const passage = passages.get(number);
    if (passage === undefined) throw new Error('it speaks of a message that it did not begin');
    switch (type) {
      case relayFrame.data: {
        const full = passage.incoming.write(payload);
        if (full === undefined) return;
        // The disk is behind: all messages wait for it.
        link.pause();
        full.then(link.resume, link.resume);
        return;
      }
      case relayFrame.recipients:
        if (!addRecipients(passage, unpackFields(payload) ?? [])) throw new Error('too long an envelope');
        return;
      case relayFrame.commit: {
        passages.delete(number);
        const [sender = ''] = unpackFields(payload) ?? [];
        commit(number, passage, { sender, recipients: passage.recipients });
        return;
      }
      case relayFrame.abort:
        passages.delete(number);
        passage.incoming.abort();
        return;
      default:
        throw new Error('it says what is not understood');
    }
  }

  const link = openFrameLink(socket, {
    onFrame(frame) {
      try {
        take(frame);
      } catch (error) {
        breakUp(errorText(error));
      }
    },
    onEnd(reason) {
      strangers.delete(socket);
      clearTimeout(tooLate);
      for (const { incoming } of passages.values()) incoming.abort();
      passages.clear();
      if (reason !== undefined) options.log(`warning: a network server's connection broke: ${reason}`);
      link.destroy();
    },
  });
  link.send(relayFrame.nonce, 0, bytesOf(nonce));
}

/** Rejects when the socket cannot be made. */
export function listenRelay(options: RelayListenerOptions): Promise<RelayListener> {
  const sockets = new Set<Socket>();
  const strangers = new Set<Socket>();
  const path = relaySocketPath(options.directory);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    if (sockets.size >= connectionsMax) {
      const [oldest = socket] = strangers;
      strangers.delete(oldest);
      oldest.destroy();
      if (oldest === socket) return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, options, strangers);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', (error) => options.log(`warning: unable to accept a server: ${errorText(error)}`));
      chmodSync(path, socketMode);
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
