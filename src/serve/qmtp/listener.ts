/** Listens for QMTP: clients that may connect, each with what its rule sets. */
import type { Intake } from '../../queue/index.ts';
import { type Answer, type ByteString, printable } from '../../system/index.ts';
import { createAcceptor, type Served } from '../acceptor.ts';
import type { ListenAddress } from '../listen-address.ts';
import { type ListenPlace, listenOn } from '../listen-on.ts';
import { networkSubmission } from '../network-submission.ts';
import { plainAddress } from '../peer.ts';
import type { ClientRules } from '../smtp/client-rules.ts';
import { createRateCount } from '../smtp/rate-count.ts';
import type { RecipientHosts } from '../smtp/recipient-hosts.ts';
import { startQmtpConnection } from './connection.ts';
import type { QmtpServerLimits } from './limits.ts';
import { judgeQmtpRecipient } from './policy.ts';

interface Common {
  readonly intake: Intake;
  readonly limits: QmtpServerLimits;
  /** This host in the Received field. Without it, the address that the client connected to. */
  readonly localHost?: ByteString | undefined;
  /** Asked for each connection. */
  readonly rules: () => ClientRules;
  readonly hosts: () => RecipientHosts;
  /** Whether mail from this address is not wanted. */
  readonly isBadSender?: (address: ByteString) => boolean;
  /** Whether there is such a recipient here; asked for those that the rules allow. */
  readonly isKnown?: ((address: ByteString) => Promise<boolean>) | undefined;
  /** Takes one line without its line end, for each refusal. */
  readonly log: (line: string) => void;
}

export type QmtpListenerOptions = Common & ListenPlace;

export interface QmtpListener {
  /** Where it listens, with the port that the kernel gave. */
  readonly address: ListenAddress;
  close(): Promise<void>;
}

const notAllowed: Answer = { verdict: 'Z', text: 'not allowed by control/qmtprules (#4.7.1)' };
const tooManyPerMinute: Answer = { verdict: 'Z', text: 'too many connections in a minute (#4.7.1)' };

/** Rejects when the address cannot be listened on. */
export async function listenQmtp(options: QmtpListenerOptions): Promise<QmtpListener> {
  const { intake, limits, localHost, isBadSender, log } = options;
  const monotonic = () => performance.now();
  const connectionRate = createRateCount(() => limits.connectionsPerMinuteMax, monotonic);
  const messageRate = createRateCount(() => limits.messagesPerMinuteMax, monotonic);
  function refusalOf(ip: ByteString): Answer | undefined {
    if (!options.rules().of(ip).allowed) return notAllowed;
    return connectionRate.take(ip) ? undefined : tooManyPerMinute;
  }
  const { server, close } = createAcceptor({
    // Who may not connect is told nothing: QMTP has no word before a request.
    limits: { ...limits, refusalsMax: 0 },
    peerOf: (socket) => plainAddress(socket.remoteAddress),
    refusal(peer) {
      const refusal = refusalOf(peer);
      if (refusal !== undefined) log(`qmtpd: peer=${peer} verdict=Z text="${refusal.text}"`);
      return refusal;
    },
    start(socket, remoteIp, _isAdmitted, onClose): Served {
      const { relayClient, messageBytesMax = limits.messageBytesMax } = options.rules().of(remoteIp);
      const peer = {
        remoteHost: 'unknown',
        remoteIp,
        localHost: localHost ?? plainAddress(socket.localAddress),
      };
      const connection = startQmtpConnection({
        input: socket,
        output: socket,
        limits: { ...limits, messageBytesMax },
        monotonic,
        recipient: (address) =>
          judgeQmtpRecipient(address, options.hosts(), relayClient, limits.addressBytesMax),
        ...(isBadSender && { isBadSender }),
        isKnown: options.isKnown,
        begin() {
          if (!messageRate.take(remoteIp)) throw new Error('too many messages from your address in a minute');
          return networkSubmission(intake, peer, 'QMTP', Date.now);
        },
        onReply(answers) {
          for (const { verdict, text } of answers)
            if (verdict !== 'K') log(`qmtpd: peer=${remoteIp} verdict=${verdict} text="${printable(text)}"`);
        },
        hangUp: () => socket.end(),
        onClose,
      });
      return {
        refuse: connection.stop,
        get begun() {
          return connection.busy;
        },
        tick: connection.tick,
      };
    },
  });
  return { address: await listenOn(server, options), close };
}
