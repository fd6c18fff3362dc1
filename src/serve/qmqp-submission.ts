/** One QMQP request on its way into the queue: the Received field on top, the message as it came, the reply's text. */
import type { Submission } from '../../qmqp/index.ts';
import { receivedFromNetwork } from '../mail/index.ts';
import type { Intake } from '../queue/index.ts';
import { bytesOf } from '../system/index.ts';
import type { Peer } from './peer.ts';

export function qmqpSubmission(intake: Intake, peer: Peer, now: () => number): Submission {
  const incoming = intake.begin({ caller: 'network', host: peer.remoteIp });
  let behind = incoming.write(bytesOf(receivedFromNetwork({ ...peer, protocol: 'QMQP' }, now())));
  return {
    message(bytes) {
      const written = incoming.write(bytes);
      // Before the first bytes of the message nobody could be asked to wait.
      const waited = behind;
      behind = undefined;
      return waited === undefined || written === undefined ? (written ?? waited) : waited.then(() => written);
    },
    async complete(envelope) {
      const answer = await incoming.commit(envelope);
      if (answer.verdict !== 'K' || answer.text !== '') return answer;
      return { verdict: 'K', text: `ok ${Math.floor(now() / 1000)} qp ${incoming.id}` };
    },
    abandon: () => incoming.abort(),
  };
}
