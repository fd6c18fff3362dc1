/** Listens for QMQP on a TCP port. */
import type { Intake } from '../queue/index.ts';
import type { Answer, ByteString } from '../system/index.ts';
import type { ListenAddress } from './listen-address.ts';
import { type ListenPlace, listenOn } from './listen-on.ts';
import { networkSubmission } from './network-submission.ts';
import { plainAddress } from './peer.ts';
import { createQmqpAcceptor } from './qmqp-acceptor.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';

interface ListenerOptions {
  /** Where the messages go. */
  readonly intake: Intake;
  /** What the Received field calls this host; the address that the peer connected to when it is not given. */
  readonly localHost?: string | undefined;
  readonly limits?: QmqpServerLimits;
  /** What a client at this address is told that may not send. Without it everybody may. */
  readonly refusal?: (ip: ByteString) => Answer | undefined;
  /** Takes one line without its line end, for each request that was not accepted. */
  readonly log?: (line: string) => void;
}

export type QmqpListenerOptions = ListenerOptions & ListenPlace;

export interface QmqpListener {
  /** With the port that the kernel gave. */
  readonly address: ListenAddress;
  /** Stops listening; resolves when the connections that had begun a request are done, or out of time. */
  close(graceMs?: number): Promise<void>;
}

/** Rejects when the address cannot be listened on. */
export async function listenQmqp(options: QmqpListenerOptions): Promise<QmqpListener> {
  const { intake, localHost, limits = qmqpServerLimits, log = () => {} } = options;
  const { server, close } = createQmqpAcceptor({
    limits,
    log,
    ...(options.refusal && { refusal: options.refusal }),
    peerOf: (socket) => plainAddress(socket.remoteAddress),
    greet: (socket, remoteIp) => {
      const peer = {
        remoteHost: 'unknown',
        remoteIp,
        localHost: localHost ?? plainAddress(socket.localAddress),
      };
      return () => networkSubmission(intake, peer, 'QMQP', Date.now);
    },
  });
  return { address: await listenOn(server, options), close };
}
