/**
 * The server's side of one QMQP connection, without its socket and its clock: bytes come in through `feed`, one
 * reply goes out through `reply`. K is never said before the last byte of the request was read and the message was
 * taken. A request that can not be accepted any more is refused at once.
 */
import { type Answer, errorText, printable } from '../src/system/index.ts';
import type { PackageEnvelope } from './package-format.ts';
import {
  createPackageParser,
  type PackageLimits,
  type PackageProblem,
  type PackageState,
} from './package-parser.ts';
import { formatReply } from './reply.ts';

/** One message on its way in. */
export interface Submission {
  /** Bytes of the message, valid during the call only. A promise asks to wait for it before more is brought. */
  message(bytes: Uint8Array): Promise<void> | undefined;
  /** The request is complete: takes responsibility for the message, or says why not. */
  complete(envelope: PackageEnvelope): Promise<Answer>;
  /** The request will not be completed, or was refused: the message is to be forgotten. */
  abandon(): void;
}

/** Why a reply was given: the request was read to its end, or broke the protocol or a limit on the way. */
export type ReplyCause = 'complete' | 'malformed' | 'limit' | 'refused';

export interface SessionOptions {
  readonly limits: PackageLimits;
  /** Called when the message's length is known. What it throws refuses the request with Z. */
  begin(): Submission;
  /** Called once, with the bytes to send. Unless the cause is `complete`, the peer may still be sending. */
  reply(bytes: Uint8Array, cause: ReplyCause, answer: Answer): void;
}

export interface ServerSession {
  /** Takes the next bytes. A promise, which never rejects, asks the caller to wait for it before it feeds more. */
  feed(bytes: Uint8Array): Promise<void> | undefined;
  /** Whether the request has been read to its end or refused: what arrives now is ignored. */
  readonly finished: boolean;
  /** The peer will send nothing more. Without a complete request there is nothing to answer. */
  end(): void;
  /** Gives up on a request that is still incomplete, with an answer that is no K. */
  refuse(answer: Answer): void;
}

const problems: Readonly<Record<PackageProblem, { readonly cause: ReplyCause; readonly text: string }>> = {
  malformed: { cause: 'malformed', text: 'this is no QMQP request (#5.5.2)' },
  'message-too-large': { cause: 'limit', text: 'the message is larger than this server accepts (#5.3.4)' },
  'envelope-too-large': { cause: 'limit', text: 'the envelope is larger than this server accepts (#5.3.4)' },
  'too-many-recipients': { cause: 'limit', text: 'too many recipients (#5.5.3)' },
};

const unacceptable: Answer = {
  verdict: 'D',
  text: 'an address is too long or contains a NUL byte (#5.1.3)',
};

/** What a submission throws, such as a full disk, is temporary. */
function failure(error: unknown): Answer {
  return { verdict: 'Z', text: `unable to take the message (#4.3.0): ${printable(errorText(error))}` };
}

export function createServerSession(options: SessionOptions): ServerSession {
  let submission: Submission | undefined;
  let pending: Promise<void> | undefined;
  let finished = false;

  const parser = createPackageParser(options.limits, {
    begin() {
      submission = options.begin();
    },
    message(bytes) {
      pending = submission?.message(bytes);
    },
  });

  function reply(answer: Answer, cause: ReplyCause): void {
    options.reply(formatReply(answer), cause, answer);
  }

  function refuse(answer: Answer, cause: ReplyCause): void {
    finished = true;
    submission?.abandon();
    reply(answer, cause);
  }

  /** What a wait for the disk ends with when it fails. */
  function fail(error: unknown): void {
    if (!finished) refuse(failure(error), 'refused');
  }

  function waitForMore(): Promise<void> | undefined {
    return finished ? undefined : pending?.catch(fail);
  }

  function complete(envelope: PackageEnvelope): void {
    finished = true;
    const taken = submission;
    if (taken === undefined) throw new Error('a package is complete before its message began');
    const answered =
      pending === undefined ? taken.complete(envelope) : pending.then(() => taken.complete(envelope));
    answered.then(
      (answer) => reply(answer, 'complete'),
      (error: unknown) => reply(failure(error), 'complete'),
    );
  }

  function settle(state: PackageState): void {
    switch (state.state) {
      case 'more':
        return;
      case 'complete':
        complete(state.envelope);
        return;
      case 'unacceptable':
        refuse(unacceptable, 'complete');
        return;
      case 'failed':
        refuse({ verdict: 'D', text: problems[state.problem].text }, problems[state.problem].cause);
    }
  }

  return {
    feed(bytes) {
      if (finished) return undefined;
      pending = undefined;
      let state: PackageState;
      try {
        state = parser.feed(bytes);
      } catch (error) {
        fail(error);
        return undefined;
      }
      settle(state);
      return waitForMore();
    },
    get finished() {
      return finished;
    },
    end() {
      if (finished) return;
      finished = true;
      submission?.abandon();
    },
    refuse(answer) {
      if (finished) return;
      if (answer.verdict === 'K') throw new Error('an incomplete request cannot be accepted');
      refuse(answer, 'refused');
    },
  };
}
