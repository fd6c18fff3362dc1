/**
 * Finds what identifies a message in a header that arrives in pieces of any size (RFC 5322 3.6.4 and 3.6.6):
 *
 *     message-id        = "Message-ID:" msg-id CRLF
 *     resent-message-id = "Resent-Message-ID:" msg-id CRLF
 *
 * The first Message-ID counts; the first Resent-Message-ID does when there is no other, as in a message that was
 * resent and had none. It keeps no more than one line up to a limit; what is longer is taken as far as it reaches.
 */
import { type ByteString, lowerAscii, textOf } from '../system/index.ts';

/** Bytes of the field's content that are kept. */
const contentBytesMax = 250;

const fieldNames = ['message-id:', 'resent-message-id:'] as const;
type FieldName = (typeof fieldNames)[number];

/** What must be known of a line: the longest name, a few blanks, and the content. */
const lineBytesMax = 'resent-message-id:'.length + contentBytesMax + 50;

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
  const contents: Record<FieldName, ByteString> = { 'message-id:': '', 'resent-message-id:': '' };
  let line = '';
  /** The field whose name stood on its own: its content may be on the next line (folding). */
  let folded: FieldName | undefined;
  let done = false;

  function note(name: FieldName, content: ByteString): void {
    if (contents[name] === '') contents[name] = trim(content);
    folded = contents[name] === '' ? name : undefined;
    done = contents['message-id:'] !== '';
  }

  function endLine(): void {
    const text = line;
    line = '';
    if (text === '' || text === '\r') {
      done = true;
    } else if (isBlank(text.charAt(0))) {
      if (folded !== undefined) note(folded, text);
    } else {
      const name = fieldNames.find((field) => lowerAscii(text.slice(0, field.length)) === field);
      folded = undefined;
      if (name !== undefined) note(name, text.slice(name.length));
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
      return contents['message-id:'] || contents['resent-message-id:'];
    },
  };
}
