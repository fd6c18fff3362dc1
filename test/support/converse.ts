/** Carries an SMTP conversation without a socket: what the server says is given, turn by turn, in any pieces. */
import { BrokenOff, type Conversation, type Step } from '../../src/remote/smtp/conversation.ts';
import { createReplyReader, type Reply } from '../../src/remote/smtp/reply-reader.ts';
import { bytesOf } from '../../src/system/index.ts';

export interface Conversed<Result> {
  readonly result: Result;
  /** All that was said to the server; the message is (MESSAGE), a switch to TLS (TLS). */
  readonly said: string;
}

export interface ConverseOptions {
  /** Cuts what the server says in one turn into pieces. */
  readonly cut?: (turn: string) => readonly string[];
  /** Why TLS fails. */
  readonly tlsFails?: string;
  /** Whether the server greets first: its first turn. */
  readonly greets?: boolean;
}

/**
 * `turns`: what the server says after each thing that it was told; then it hangs up. Of a greeting server the first one
 * is its greeting.
 */
export function converse<Result>(
  conversation: Conversation<Result>,
  turns: readonly string[],
  { cut = (turn) => [turn], tlsFails, greets = false }: ConverseOptions = {},
): Conversed<Result> {
  const replies = createReplyReader();
  const left = [...turns];
  let pieces: string[] = [];
  let said = '';

  function expect(count: number): void {
    const wrong = replies.expect(count);
    if (wrong !== undefined) throw new BrokenOff(wrong);
    pieces.push(...cut(left.shift() ?? ''));
  }

  function hear(): Reply {
    for (;;) {
      const reply = replies.next();
      if (reply !== undefined) return reply;
      if (replies.broken !== undefined) throw new BrokenOff(replies.broken);
      const piece = pieces.shift();
      if (piece === undefined) throw new BrokenOff('connection died');
      replies.push(bytesOf(piece));
    }
  }

  /** What is there without waiting comes in: it may be more than was asked for. */
  function catchUp(): void {
    for (const piece of pieces) replies.push(bytesOf(piece));
    pieces = [];
  }

  function perform(step: Step): Reply | undefined {
    if (step.step === 'hear') return hear();
    catchUp();
    if (step.step === 'say') {
      expect(step.replies);
      said += step.text;
    } else if (step.step === 'message') {
      expect(1);
      said += '(MESSAGE)';
    } else {
      replies.forget();
      said += '(TLS)';
      if (tlsFails !== undefined) throw new BrokenOff(tlsFails, { inTls: true });
    }
    return undefined;
  }

  if (greets) expect(1);
  let next = conversation.next();
  while (!next.done) {
    let heard: Reply | undefined;
    try {
      heard = perform(next.value);
    } catch (error) {
      if (!(error instanceof BrokenOff)) throw error;
      next = conversation.throw(error);
      continue;
    }
    next = conversation.next(heard);
  }
  return { result: next.value, said };
}
