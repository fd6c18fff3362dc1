/** An SMTP session without a socket: what it says to bytes, and which messages it takes. */

import { smtpServerLimits } from '../../src/serve/smtp/limits.ts';
import type { SmtpReply } from '../../src/serve/smtp/reply.ts';
import { createSmtpSession } from '../../src/serve/smtp/session.ts';
import type { SmtpEnding, SmtpFacts, SmtpSessionOptions } from '../../src/serve/smtp/session-contract.ts';
import { type Answer, bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from './pieces.ts';

export interface TakenMessage {
  readonly facts: SmtpFacts;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly text: string;
}

export interface PlayedSession {
  readonly session: ReturnType<typeof createSmtpSession>;
  /** Everything that it said. */
  output(): string;
  /** How many times it said something. */
  readonly sent: readonly string[];
  readonly messages: readonly TakenMessage[];
  readonly begun: number;
  readonly abandoned: number;
  readonly refusals: readonly SmtpReply[];
  ending(): SmtpEnding | undefined;
  /** How many handshakes it asked for. */
  handshakes(): number;
  /** Feeds a text in pieces of these sizes, each when the one before is done. */
  play(text: string, sizes?: readonly number[]): Promise<void>;
}

export interface PlayedOptions extends Omit<Partial<SmtpSessionOptions>, 'limits'> {
  readonly limits?: Partial<SmtpSessionOptions['limits']>;
  /** The answer to a message, K without it. */
  answer?(message: TakenMessage): Answer | Promise<Answer>;
  write?(bytes: Uint8Array): Promise<void> | undefined;
}

export function playedSession(options: PlayedOptions = {}): PlayedSession {
  const sent: string[] = [];
  const messages: TakenMessage[] = [];
  const refusals: SmtpReply[] = [];
  let begun = 0;
  let abandoned = 0;
  let handshakes = 0;
  let ending: SmtpEnding | undefined;
  const session = createSmtpSession({
    name: 'hub.test',
    secure: false,
    canSecure: () => true,
    recipient: (address) => ({ ok: true, address }),
    begin(facts) {
      begun += 1;
      let text = '';
      return {
        write(bytes) {
          text += textOf(bytes);
          return options.write?.(bytes);
        },
        async complete({ sender, recipients }) {
          const message = { facts, sender, recipients, text };
          const answer = (await options.answer?.(message)) ?? { verdict: 'K', text: 'ok' };
          if (answer.verdict === 'K') messages.push(message);
          return answer;
        },
        abandon() {
          abandoned += 1;
        },
      };
    },
    send(text) {
      sent.push(text);
      return undefined;
    },
    startTls() {
      handshakes += 1;
    },
    onRefusal: (reply) => refusals.push(reply),
    onEnd(how) {
      ending = how;
    },
    ...options,
    limits: { ...smtpServerLimits, ...options.limits },
  });
  return {
    session,
    sent,
    messages,
    refusals,
    get begun() {
      return begun;
    },
    get abandoned() {
      return abandoned;
    },
    output: () => sent.join(''),
    ending: () => ending,
    handshakes: () => handshakes,
    async play(text, sizes = []) {
      for (const piece of inPieces(bytesOf(text), sizes)) {
        // As a connection does, whose buffer is used again.
        const bytes = Uint8Array.from(piece);
        if (!session.over) await session.feed(bytes);
        bytes.fill(0);
      }
    },
  };
}

/** The codes of replies, one for all lines of a reply. */
export function codesOf(output: string): readonly number[] {
  const lines = output.split('\r\n').slice(0, -1);
  return lines.filter((line) => line.charAt(3) !== '-').map((line) => Number(line.slice(0, 3)));
}
