/**
 * What an SMTP conversation asks of whoever carries it over a socket. The conversation itself is a generator, without
 * socket and clock: it yields one step after the other and goes on when that is done. When a step cannot be done,
 * BrokenOff is thrown into it.
 */
import type { ByteString } from '../../system/index.ts';
import type { Reply } from './reply-reader.ts';

export type Step =
  /** Sends commands that get so many replies. */
  | { readonly step: 'say'; readonly text: ByteString; readonly replies: number }
  /** Waits for the next reply, and goes on with it. */
  | { readonly step: 'hear' }
  /** Begins TLS, and goes on when the server has proven what is demanded of it. */
  | { readonly step: 'secure' }
  /** Sends the message to its end. Goes on with a reply when the server gave it before, and then nothing more is sent. */
  | { readonly step: 'message' };

export type Conversation<Result> = Generator<Step, Result, Reply | undefined>;

/** The connection is of no use any more. */
export class BrokenOff extends Error {
  /** Whether TLS is what failed. */
  readonly inTls: boolean;
  /** Whether the server did not answer in time. */
  readonly timedOut: boolean;

  constructor(reason: string, { inTls = false, timedOut = false } = {}) {
    super(reason);
    this.name = 'BrokenOff';
    this.inTls = inTls;
    this.timedOut = timedOut;
  }
}

export function* hear(): Conversation<Reply> {
  const reply = yield { step: 'hear' };
  if (reply === undefined) throw new Error('a conversation goes on only when it has heard');
  return reply;
}

/** Says one command and waits for its reply. */
export function* ask(command: ByteString): Conversation<Reply> {
  yield { step: 'say', text: `${command}\r\n`, replies: 1 };
  return yield* hear();
}
