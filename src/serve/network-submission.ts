/** One message of a client on its way into the queue: the Received field on top, the message as it came, the reply's text. */
import type { Submission } from '../../qmqp/index.ts';
import { receivedFromNetwork } from '../mail/index.ts';
import type { Intake } from '../queue/index.ts';
import type { Peer } from './peer.ts';

export function networkSubmission(
  intake: Intake,
  peer: Peer,
  protocol: 'QMQP' | 'QMTP',
  now: () => number,
): Submission {
  const received = receivedFromNetwork({ ...peer, protocol }, now());
  const incoming = intake.begin({ caller: 'network', host: peer.remoteIp, received });
  return {
    message: (bytes) => incoming.write(bytes),
    async complete(envelope) {
      const answer = await incoming.commit(envelope);
      if (answer.verdict !== 'K' || answer.text !== '') return answer;
      return { verdict: 'K', text: `ok ${Math.floor(now() / 1000)} qp ${incoming.id}` };
    },
    abandon: () => incoming.abort(),
  };
}
