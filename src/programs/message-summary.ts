/** What is shown of a message in a few lines: who sent it, to whom, and how it begins. */
import { createHeaderReader, fieldName } from '../mail/index.ts';
import { type ByteString, concatBytes, last, textOf } from '../system/index.ts';

export interface MessageSummary {
  /** The content of Return-Path and of Delivered-To; the last ones count. */
  readonly returnPath: ByteString | undefined;
  readonly deliveredTo: ByteString | undefined;
  /** The whole From field. */
  readonly from: ByteString | undefined;
  /** What the subject says, with its line end, and then the body. */
  readonly text: ByteString;
}

/** Bytes from the beginning of a message that are looked at. */
const lookedAtBytesMax = 65536;

function startOf(pieces: Iterable<Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const piece of pieces) {
    parts.push(piece.slice(0, lookedAtBytesMax - sizeBytes));
    sizeBytes += piece.length;
    if (sizeBytes >= lookedAtBytesMax) break;
  }
  return concatBytes(parts);
}

/** What follows the colon and the blanks behind it. */
function contentOf(field: ByteString): ByteString {
  let start = field.indexOf(':') + 1;
  while (start < field.length && ' \t\r\n'.includes(field.charAt(start))) start += 1;
  return field.slice(start);
}

/** Reads the beginning of a message. */
export function summarise(pieces: Iterable<Uint8Array>): MessageSummary {
  const reader = createHeaderReader({
    headerBytesMax: 2 * lookedAtBytesMax,
    fieldBytesMax: 2 * lookedAtBytesMax,
  });
  reader.feed(startOf(pieces));
  const read = reader.end();
  const { fields, body } = read.state === 'complete' ? read : { fields: [], body: new Uint8Array(0) };
  const all = (name: string) => fields.filter((field) => fieldName(field) === name);
  const lastOf = (name: string) => {
    const field = last(all(name));
    return field === undefined ? undefined : contentOf(field).slice(0, -1);
  };
  return {
    returnPath: lastOf('return-path'),
    deliveredTo: lastOf('delivered-to'),
    from: last(all('from'))?.slice(0, -1),
    text: all('subject').map(contentOf).join('') + textOf(body),
  };
}

/** Text for a terminal: every byte that is no printable ASCII character is replaced. */
export function plain(text: ByteString, replacement: string): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    result += code < 32 || code > 126 ? replacement : text.charAt(index);
  }
  return result;
}
