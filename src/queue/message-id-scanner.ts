/**
 * Finds the Message-ID field (RFC 5322 3.6.4) in a header that arrives in pieces of any size:
 *
 *     message-id  = "Message-ID:" msg-id CRLF
 *
 * It keeps no more than one line up to a limit. The field is the first of that name; what is longer than the limit is
 * taken as far as it reaches.
 */
import { type ByteString, lowerAscii, textOf } from '../system/index.ts';

/** Bytes of the field's content that are kept. */
const contentBytesMax = 250;

const fieldName = 'message-id:';

/** What must be known of a line: the name, a few blanks, and the content. */
const lineBytesMax = fieldName.length + contentBytesMax + 50;

export interface MessageIdScanner {
  /** Takes the next bytes of the message. */
  feed(bytes: Uint8Array): void;
  /** The field's content without blanks around it, '' when there was none. */
  readonly found: ByteString;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r';
}

function trim(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start += 1;
  while (end > start && isBlank(text.charAt(end - 1))) end -= 1;
  return text.slice(start, Math.min(end, start + contentBytesMax));
}

export function createMessageIdScanner(): MessageIdScanner {
  let found = '';
  let line = '';
  /** The field's name stood on its own; its content may be on the next line (folding). */
  let folded = false;
  let done = false;

  function endLine(): void {
    const text = line;
    line = '';
    if (text === '' || text === '\r') {
      done = true;
    } else if (folded && isBlank(text.charAt(0))) {
      found = trim(text);
      done = found !== '';
    } else if (lowerAscii(text.slice(0, fieldName.length)) === fieldName) {
      found = trim(text.slice(fieldName.length));
      done = found !== '';
      folded = true;
    } else {
      folded = false;
    }
  }

  return {
    feed(bytes) {
      let start = 0;
      while (!done && start < bytes.length) {
        const lineEnd = bytes.indexOf(10, start);
        const end = lineEnd < 0 ? bytes.length : lineEnd;
        const room = lineBytesMax - line.length;
        if (room > 0) line += textOf(bytes, start, Math.min(end, start + room));
        if (lineEnd < 0) return;
        endLine();
        start = end + 1;
      }
    },
    get found() {
      return found;
    },
  };
}
