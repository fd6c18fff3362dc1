/** One message of an SMTP client on its way into the queue: the Received field on top, the message as it came. */
import { receivedFromNetwork } from '../../mail/index.ts';
import type { Intake } from '../../queue/index.ts';
import { type ByteString, lowerAscii } from '../../system/index.ts';
import type { Peer } from '../peer.ts';
import type { SmtpSubmission } from './receiving.ts';
import type { SmtpFacts } from './session-contract.ts';

/** The words for it (RFC 3848; RFC 6531 4.3), which say what really happened. */
export function smtpProtocol({ utf8, extended, secure, user }: SmtpFacts): string {
  const base = utf8 ? 'UTF8SMTP' : extended ? 'ESMTP' : 'SMTP';
  return base + (secure ? 'S' : '') + (user === undefined ? '' : 'A');
}

export interface SmtpSubmissionOptions {
  readonly intake: Intake;
  readonly peer: Peer;
  readonly facts: SmtpFacts;
  readonly now: () => number;
  /** Fields to go on top of all. */
  readonly trace?: ByteString;
}

export function smtpSubmission({
  intake,
  peer,
  facts,
  now,
  trace = '',
}: SmtpSubmissionOptions): SmtpSubmission {
  const { helo, user } = facts;
  const isNew = helo !== undefined && helo !== '' && lowerAscii(helo) !== lowerAscii(peer.remoteHost);
  const received = receivedFromNetwork(
    {
      ...peer,
      helo: isNew ? helo : undefined,
      remoteInfo: user ?? peer.remoteInfo,
      protocol: smtpProtocol(facts),
    },
    now(),
  );
  const incoming = intake.begin({ caller: 'network', host: peer.remoteIp, received: trace + received });
  return {
    write: (bytes) => incoming.write(bytes),
    async complete(envelope) {
      const answer = await incoming.commit(envelope);
      if (answer.verdict !== 'K' || answer.text !== '') return answer;
      return { verdict: 'K', text: `ok ${Math.floor(now() / 1000)} qp ${incoming.id}` };
    },
    abandon: () => incoming.abort(),
  };
}
