/**
 * The answer to a QMQP request: one netstring whose first byte is the verdict, the rest a text for people.
 *
 *     reply = netstring( ( "K" / "Z" / "D" ) text )
 *
 * Nothing but a complete netstring of that form is an answer.
 */
import { type Answer, bytesOf, isVerdict, textOf } from '../src/system/index.ts';
import { createNetstringParser, formatNetstring } from './netstring.ts';

/** Bytes of a reply's body that are read from a peer: more is no answer. */
export const replyBytesMax = 16384;

/** Bytes of text that we send; longer texts are cut. */
const replyTextBytesMax = 1000;

export function formatReply(answer: Answer): Uint8Array {
  return bytesOf(formatNetstring(answer.verdict + answer.text.slice(0, replyTextBytesMax)));
}

export type ReplyState =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly answer: Answer }
  | { readonly state: 'malformed' }
  | { readonly state: 'too-long' };

export interface ReplyParser {
  /** Takes the next bytes; what follows the reply is ignored. Once the state is no longer `more` it stays. */
  feed(bytes: Uint8Array): ReplyState;
}

export function createReplyParser(): ReplyParser {
  const netstring = createNetstringParser(replyBytesMax);
  return {
    feed(bytes) {
      const found = netstring.feed(bytes);
      if (found.state !== 'complete') return found;
      const text = textOf(found.body);
      const letter = text.charAt(0);
      if (!isVerdict(letter)) return { state: 'malformed' };
      return { state: 'complete', answer: { verdict: letter, text: text.slice(1) } };
    },
  };
}
