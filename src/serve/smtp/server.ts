/**
 * Accepts SMTP connections in this process, on any number of ports, in the clear or in TLS from their first byte on. What
 * limits connections counts those of all ports together.
 */
import { createServer, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { counters } from '../../process/index.ts';
import type { Intake } from '../../queue/index.ts';
import type { ByteString } from '../../system/index.ts';
import { createConnectionCount } from '../connection-count.ts';
import type { ListenAddress } from '../listen-address.ts';
import { type ListenPlace, listenOn } from '../listen-on.ts';
import type { CheckPassword } from '../passwords/index.ts';
import { plainAddress } from '../peer.ts';
import { type SmtpConnection, startSmtpConnection } from './connection.ts';
import { beginSubmission, type SmtpJudge } from './judged-submission.ts';
import { createRateCount } from './rate-count.ts';
import { formatReply, type SmtpReply } from './reply.ts';
import type { RecipientJudgement } from './session-contract.ts';
import type { SmtpSettings } from './settings.ts';
import { texts } from './texts.ts';
import { unlessUnknown } from './unless-unknown.ts';

export interface SmtpServerOptions {
  /** What counts for the next connection, and for the next command of one that is open. */
  settings(): SmtpSettings;
  /** Where the messages go. */
  readonly intake: Intake;
  /** The certificate for the next handshake. */
  secureContext(): SecureContext | undefined;
  /** Without it there is no AUTH. */
  readonly checkPassword?: CheckPassword | undefined;
  /** Whether there is such a recipient here; asked for those that the rules allow. */
  readonly isKnown?: ((address: ByteString) => Promise<boolean>) | undefined;
  /** Why an address may not send, asked once for each connection of a client that may not relay. */
  readonly blocked?: ((ip: ByteString) => Promise<SmtpReply | undefined>) | undefined;
  /** Judges messages of clients that may not relay, if they are to be judged. */
  readonly judge?: (() => SmtpJudge | undefined) | undefined;
  /** Takes one line without its line end, for each refusal. */
  log(line: string): void;
}

export interface SmtpServer {
  /** Resolves with the address, with the port that the kernel gave. */
  listen(place: ListenPlace, implicitTls: boolean): Promise<ListenAddress>;
  /** Stops listening; resolves when the messages that are on their way are taken, or out of time. */
  close(graceMs?: number): Promise<void>;
}

const refusals = counters(
  'mini_qmail_smtp_refusals_total',
  'Replies of the SMTP server that refuse, for now (4) or for ever (5).',
  {
    class: ['4', '5'],
  },
);

/** How long messages that have begun may take to arrive when the server closes. */
const graceMsDefault = 10_000;

/** How often the clock is looked at. */
const tickMs = 1000;

/** Of the connections that may be: more, and the silent ones have less time. */
const crowd = 3 / 4;

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const { settings, intake, log } = options;
  const monotonic = () => performance.now();
  const { limits } = settings();
  const count = createConnectionCount(limits);
  const connectionRate = createRateCount(() => settings().limits.connectionsPerMinuteMax, monotonic);
  const messageRate = createRateCount(() => settings().limits.messagesPerMinuteMax, monotonic);
  const connections = new Set<SmtpConnection>();
  const listeners = new Set<ReturnType<typeof createServer>>();
  let refused = 0;
  let emptied: (() => void) | undefined;

  function note(ip: ByteString, reply: SmtpReply): void {
    refusals.with({ class: reply.code < 500 ? '4' : '5' }).add();
    log(`smtpd: peer=${ip} reply="${formatReply(reply).trimEnd()}"`);
  }

  /** Says why, if that can be said in the clear and not too many are told so already. */
  function turnAway(socket: Socket, ip: ByteString, reply: SmtpReply, implicitTls: boolean): void {
    note(ip, reply);
    socket.on('error', () => socket.destroy());
    if (implicitTls || refused >= limits.refusalsMax) {
      socket.destroy();
      return;
    }
    refused += 1;
    socket.once('close', () => {
      refused -= 1;
    });
    socket.setTimeout(limits.lingerMs, () => socket.destroy());
    socket.end(formatReply(reply), 'latin1');
    socket.resume();
  }

  function whyNot(ip: ByteString): SmtpReply | undefined {
    if (!settings().rules.of(ip).allowed) return texts.notAllowed;
    if (!connectionRate.take(ip)) return texts.tooManyPerMinute;
    return count.add(ip) ? undefined : texts.tooManyConnections;
  }

  function accept(socket: Socket, implicitTls: boolean): void {
    const ip = plainAddress(socket.remoteAddress);
    const refusal = whyNot(ip);
    if (refusal !== undefined) {
      turnAway(socket, ip, refusal, implicitTls);
      return;
    }
    const { name, me, rules } = settings();
    const client = rules.of(ip);
    const peer = { remoteHost: 'unknown', remoteIp: ip, localHost: me };
    const blocked = client.relayClient === undefined ? options.blocked?.(ip) : undefined;
    const { checkPassword, isKnown } = options;

    async function ask(judged: RecipientJudgement, isStranger: boolean): Promise<RecipientJudgement> {
      const block = isStranger ? await blocked : undefined;
      if (block !== undefined) return { ok: false, reply: block };
      return isKnown === undefined ? judged : await unlessUnknown(judged, isKnown);
    }

    const connection = startSmtpConnection(socket, {
      limits: { ...limits, messageBytesMax: client.messageBytesMax ?? limits.messageBytesMax },
      name,
      implicitTls,
      secureContext: options.secureContext,
      monotonic,
      authenticate:
        checkPassword &&
        (async (credentials) => {
          const verdict = await checkPassword({ ...credentials, timestamp: '' }, ip);
          if (verdict !== 'accepted') log(`smtpd: peer=${ip} login=${verdict}`);
          return verdict;
        }),
      sender: () => (messageRate.take(ip) ? undefined : texts.tooFast),
      recipient(address, facts) {
        const judged = settings().policy.recipient(address, facts, client);
        const isStranger = blocked !== undefined && facts.user === undefined;
        return judged.ok && (isStranger || isKnown !== undefined) ? ask(judged, isStranger) : judged;
      },
      begin: (facts) =>
        beginSubmission({ intake, peer, facts, now: Date.now }, client.relayClient, options.judge),
      onRefusal: (reply) => note(ip, reply),
      onTlsFailure: (text) => log(`smtpd: peer=${ip} ${text}`),
      onClose() {
        count.remove(ip);
        connections.delete(connection);
        if (connections.size === 0) emptied?.();
      },
    });
    connections.add(connection);
  }

  const clock = setInterval(() => {
    const nowMs = monotonic();
    const isCrowded = count.connections > limits.connectionsMax * crowd;
    const idleMs = isCrowded ? limits.crowdedIdleMs : limits.idleMs;
    for (const connection of connections) connection.tick(nowMs, idleMs);
  }, tickMs);

  return {
    listen(place, implicitTls) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        accept(socket, implicitTls),
      );
      listeners.add(server);
      return listenOn(server, place);
    },
    close(graceMs = graceMsDefault) {
      return new Promise((resolve) => {
        const grace = setTimeout(() => {
          for (const connection of connections) connection.refuse(texts.shutdown);
        }, graceMs);
        emptied = () => {
          clearTimeout(grace);
          clearInterval(clock);
          resolve();
        };
        for (const server of listeners) server.close();
        for (const connection of connections) connection.retire(texts.shutdown);
        if (connections.size === 0) emptied();
      });
    },
  };
}
