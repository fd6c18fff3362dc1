/** What an SMTP session is told and asked, and what it tells and asks. */
import type { ByteString } from '../../system/index.ts';
import type { LoginVerdict } from '../passwords/index.ts';
import type { SmtpSessionLimits } from './limits.ts';
import type { SmtpSubmission } from './receiving.ts';
import type { SmtpReply } from './reply.ts';
import type { Credentials } from './sasl.ts';

/** What is known of a client when it sends a message. */
export interface SmtpFacts {
  /** What it called itself; undefined when it did not. */
  readonly helo: ByteString | undefined;
  /** Whether it did so with EHLO. */
  readonly extended: boolean;
  readonly secure: boolean;
  /** Who has logged in. */
  readonly user: ByteString | undefined;
  readonly utf8: boolean;
  readonly sender: ByteString;
}

export type SmtpEnding = 'quit' | 'refused' | 'closed';

export interface SmtpSessionOptions {
  readonly limits: SmtpSessionLimits;
  /** What this host calls itself. */
  readonly name: ByteString;
  /** TLS from the first byte on. */
  readonly secure: boolean;
  /** Whether STARTTLS is to be had. */
  canSecure(): boolean;
  /** Whether a password is right. Without it there is no AUTH. */
  readonly authenticate?: ((credentials: Credentials) => Promise<LoginVerdict>) | undefined;
  /** Why a client may not begin a message now. */
  sender?(facts: SmtpFacts): SmtpReply | undefined;
  /** The address that a recipient stands for, or why it is refused. What it throws refuses the recipient for now. */
  recipient(address: ByteString, facts: SmtpFacts): RecipientJudgement | Promise<RecipientJudgement>;
  /** Called at DATA. What it throws refuses the message for now. */
  begin(facts: SmtpFacts): SmtpSubmission;
  /** Sends replies. A promise, which never rejects, asks to wait for it. */
  send(text: ByteString): Promise<void> | undefined;
  /** The client was told to begin with TLS: `secured` is to be called when it is there. */
  startTls(): void;
  /** A refusal, for the log. */
  onRefusal?(reply: SmtpReply): void;
  /** Called once, when the last reply is on its way. After `refused` the client may still be sending. */
  onEnd(ending: SmtpEnding): void;
}

export type RecipientJudgement =
  | { readonly ok: true; readonly address: ByteString }
  | { readonly ok: false; readonly reply: SmtpReply };

export interface SmtpSession {
  /** Says who is here. */
  greet(): void;
  /**
   * Takes the next bytes. With a promise, which never rejects, the bytes are not to be touched and no more to be brought
   * before it is fulfilled.
   */
  feed(bytes: Uint8Array): Promise<void> | undefined;
  /** TLS has begun: what was known of the client is forgotten (RFC 3207 4.2). */
  secured(): void;
  /** The client will send nothing more: the session ends when all that it sent is answered. */
  end(): void;
  /** The client is gone: nobody waits for an answer. */
  lose(): void;
  /** Ends the session with a reply. */
  refuse(reply: SmtpReply): void;
  readonly over: boolean;
  /** Whether a message is on its way. */
  readonly inMessage: boolean;
  /** Whether a command has begun and is not whole. */
  readonly inCommand: boolean;
}
