/**
 * One request of a satellite on its way into the queue: its name in Received and as the submitting host, its policy
 * between the last byte and the answer.
 */
import type { PackageEnvelope, Submission } from '../../../qmqp/index.ts';
import { receivedFromNetwork } from '../../mail/index.ts';
import type { IncomingMessage, Intake } from '../../queue/index.ts';
import type { Answer } from '../../system/index.ts';
import type { Peer } from '../peer.ts';
import { forcedSender, refusalOf } from './policy.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Satellite } from './register.ts';

export interface SatelliteSubmissionOptions {
  readonly intake: Intake;
  readonly satellite: Satellite;
  readonly peer: Peer;
  readonly rates: RateLimit;
  now(): number;
  /** The queue has taken a message. */
  onSent(recipients: number, bytes: number): void;
}

export function satelliteSubmission(options: SatelliteSubmissionOptions): Submission {
  const { intake, satellite, peer, rates, now, onSent } = options;
  const { name, policy } = satellite;
  const { messageBytesMax = Number.POSITIVE_INFINITY } = policy;
  let bytes = 0;
  let incoming: IncomingMessage | undefined;

  /** The queue hears of a message when there is one: to ask whether one is known takes none. */
  function begun(): IncomingMessage {
    const received = () => receivedFromNetwork({ ...peer, remoteInfo: name, protocol: 'QMQPS' }, now());
    incoming ??= intake.begin({ caller: 'network', host: name, received: received() });
    return incoming;
  }

  function abandon(): void {
    incoming?.abort();
    incoming = undefined;
  }

  async function complete(given: PackageEnvelope): Promise<Answer> {
    const { recipients } = given;
    if (recipients.length === 0) {
      abandon();
      return {
        verdict: 'K',
        text: `you are known here as ${name}; there are no recipients, so nothing was queued`,
      };
    }
    const envelope = { sender: forcedSender(given.sender, policy.domain), recipients };
    const refusal = refusalOf(policy, envelope, bytes);
    const tooFast = refusal === undefined && policy.rate !== undefined && !rates.take(name, policy.rate);
    if (refusal !== undefined || tooFast) {
      abandon();
      return refusal ?? { verdict: 'Z', text: `${name} sends more than its rate allows (#4.7.0)` };
    }
    const message = begun();
    const answer = await message.commit(envelope);
    if (answer.verdict !== 'K') return answer;
    onSent(recipients.length, bytes);
    if (answer.text !== '') return answer;
    return { verdict: 'K', text: `ok ${Math.floor(now() / 1000)} qp ${message.id}` };
  }

  return {
    message(piece) {
      bytes += piece.length;
      if (bytes <= messageBytesMax) return begun().write(piece);
      // It will be refused: what the queue has of it goes, and what comes is counted only.
      abandon();
      return undefined;
    },
    complete,
    abandon,
  };
}
