/**
 * Reads the replies to a QMTP request, one for each recipient and in their order:
 *
 *     reply = netstring( letter text )        letter = "K" / "Z" / "D"
 *
 * in pieces of any size, which may hold the replies to the next request as well.
 */
import { addDigit, colon, comma, lengthEmpty } from '../../qmqp/index.ts';
import { type Answer, isVerdict, textOf } from '../system/index.ts';

/** Bytes of one reply; a longer one is none. */
export const qmtpReplyBytesMax = 10_000;

/** Bytes of a reply's text that are kept. */
const textBytesMax = 1000;

export type QmtpRepliesState =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly answers: readonly Answer[] }
  | { readonly state: 'malformed' };

export interface QmtpReplies {
  /** Takes the next bytes. What follows the last reply makes them malformed: nobody has asked for it. */
  feed(bytes: Uint8Array): QmtpRepliesState;
  /** Those that are there so far. */
  readonly answers: readonly Answer[];
}

export function createQmtpReplies(count: number): QmtpReplies {
  const answers: Answer[] = [];
  let length = lengthEmpty;
  let left: number | undefined;
  let said = '';
  let isMalformed = false;

  function takeByte(byte: number): void {
    if (left === undefined) {
      if (byte === colon && length > 0) {
        left = length;
        length = lengthEmpty;
        said = '';
        return;
      }
      length = addDigit(length, byte, qmtpReplyBytesMax);
      isMalformed = length < 0 || answers.length >= count;
      return;
    }
    const letter = said.charAt(0);
    if (byte === comma && isVerdict(letter)) {
      answers.push({ verdict: letter, text: said.slice(1) });
      left = undefined;
    } else isMalformed = true;
  }

  return {
    feed(bytes) {
      for (let index = 0; index < bytes.length && !isMalformed; ) {
        if (left !== undefined && left > 0) {
          const end = Math.min(bytes.length, index + left);
          said += textOf(bytes, index, Math.min(end, index + textBytesMax - said.length));
          left -= end - index;
          index = end;
        } else {
          takeByte(bytes[index] ?? 0);
          index += 1;
        }
      }
      if (isMalformed) return { state: 'malformed' };
      return answers.length === count ? { state: 'complete', answers } : { state: 'more' };
    },
    answers,
  };
}
