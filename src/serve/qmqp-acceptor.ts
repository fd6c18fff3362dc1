/** Accepts QMQP connections (acceptor.ts): one connection, one request, one reply. */
import type { Socket } from 'node:net';
import type { Submission } from '../../qmqp/index.ts';
import { counters } from '../process/index.ts';
import { printable, verdicts } from '../system/index.ts';
import { type Acceptor, type AcceptorOptions, createAcceptor } from './acceptor.ts';
import { startConnection } from './qmqp-connection.ts';
import type { QmqpServerLimits } from './qmqp-limits.ts';

const replies = counters('mini_qmail_requests_total', 'QMQP requests that were answered, by the answer.', {
  verdict: verdicts,
});

export interface QmqpAcceptorOptions extends Omit<AcceptorOptions, 'start'> {
  readonly limits: QmqpServerLimits;
  /** Called for each connection that may begin; answers what begins its submission. */
  greet(socket: Socket, peer: string): () => Submission;
  /** Takes one line without its line end, for each request that was not accepted. */
  readonly log: (line: string) => void;
}

export type QmqpAcceptor = Acceptor;

/** A connection that is refused at once is so before it could begin anything. */
function neverBegins(): Submission {
  throw new Error('a refused connection began a request');
}

export function createQmqpAcceptor(options: QmqpAcceptorOptions): QmqpAcceptor {
  const { limits, log, greet } = options;
  return createAcceptor({
    ...options,
    start: (socket, peer, isAdmitted, onClose) =>
      startConnection(socket, {
        limits,
        monotonic: () => performance.now(),
        begin: isAdmitted ? greet(socket, peer) : neverBegins,
        onReply({ verdict, text }) {
          replies.with({ verdict }).add();
          if (verdict !== 'K') log(`qmqpd: peer=${peer} verdict=${verdict} text="${printable(text)}"`);
        },
        onClose,
      }),
  });
}
