/**
 * A message that is judged before the queue has it (src/authenticate): it waits in a spill until it is whole, fields that
 * claim to be a judgement of ours are taken out, and ours goes on top.
 */
import { authenticationResults, isOwnResult, type Questions } from '../../authenticate/index.ts';
import { readMessageHeader } from '../../mail/index.ts';
import { createSpill } from '../../submit/index.ts';
import type { Answer, ByteString, System } from '../../system/index.ts';
import type { SmtpSubmission } from './receiving.ts';
import { type SmtpSubmissionOptions, smtpSubmission } from './submission.ts';

export interface SmtpJudge {
  readonly system: System;
  /** Whose judgement it is: the authserv-id. */
  readonly name: ByteString;
  readonly questions: Questions;
}

const headerTooLarge: Answer = {
  verdict: 'D',
  text: 'the header is larger than this server looks into (#5.3.4)',
};

function judgedSubmission(options: SmtpSubmissionOptions, judge: SmtpJudge): SmtpSubmission {
  const { peer, facts } = options;
  const spill = createSpill(judge.system);

  async function take(envelope: Parameters<SmtpSubmission['complete']>[0]): Promise<Answer> {
    const header = readMessageHeader(spill);
    if (header === undefined) return headerTooLarge;
    const { fields } = header;
    const message = { body: spill, fields, ip: peer.remoteIp, helo: facts.helo, sender: facts.sender };
    const trace = await authenticationResults({ ...message, name: judge.name }, judge.questions);
    const others = fields.filter((field) => !isOwnResult(field, judge.name));
    const body = others.length === fields.length ? spill : header.withFields(others);
    const submission = smtpSubmission({ ...options, trace });
    try {
      for (const piece of body.chunks()) await submission.write(piece);
    } catch (error) {
      submission.abandon();
      throw error;
    }
    return await submission.complete(envelope);
  }

  return {
    write(bytes) {
      spill.write(bytes);
      return undefined;
    },
    async complete(envelope) {
      try {
        return await take(envelope);
      } finally {
        spill.close();
      }
    },
    abandon: () => spill.close(),
  };
}

/** Only strangers are judged: not who has logged in, and not who may relay. */
export function beginSubmission(
  options: SmtpSubmissionOptions,
  relayClient: ByteString | undefined,
  judge: (() => SmtpJudge | undefined) | undefined,
): SmtpSubmission {
  const isStranger = relayClient === undefined && options.facts.user === undefined;
  const judging = isStranger ? judge?.() : undefined;
  return judging === undefined ? smtpSubmission(options) : judgedSubmission(options, judging);
}
