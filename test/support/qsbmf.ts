/** Reads a bounce as a program does that knows the qmail-send Bounce Message Format and nothing of MIME. */
import type { ByteString } from '../../src/system/index.ts';

export interface QsbmfBounce {
  readonly introduction: ByteString;
  readonly recipients: readonly { readonly address: ByteString; readonly report: ByteString }[];
  /** All that follows the break paragraph. */
  readonly original: ByteString;
}

/** Throws when the body is not QSBMF. */
export function parseQsbmf(body: ByteString): QsbmfBounce {
  if (!body.startsWith('Hi. This is the')) throw new Error('not QSBMF');
  const recipients: { address: ByteString; report: ByteString }[] = [];
  let introduction: ByteString | undefined;
  let offset = 0;
  for (;;) {
    const end = body.indexOf('\n\n', offset);
    if (end < 0) throw new Error('there is no break paragraph');
    const paragraph = body.slice(offset, end + 1);
    offset = end + 2;
    if (introduction === undefined) {
      introduction = paragraph;
    } else if (paragraph.startsWith('-')) {
      return { introduction, recipients, original: body.slice(offset) };
    } else {
      const [first = ''] = paragraph.split('\n', 1);
      if (!first.startsWith('<') || !first.endsWith('>:')) throw new Error(`unknown paragraph: ${paragraph}`);
      recipients.push({ address: first.slice(1, -2), report: paragraph.slice(first.length + 1) });
    }
  }
}

/** What follows a message's header. */
export function bodyOf(message: ByteString): ByteString {
  return message.slice(message.indexOf('\n\n') + 2);
}

/** The value of a header field, unfolded; undefined without it. */
export function fieldOf(message: ByteString, name: string): ByteString | undefined {
  const header = message.slice(0, message.indexOf('\n\n') + 1).replaceAll(/\n[ \t]+/g, ' ');
  const line = header.split('\n').find((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

/** The parts of a multipart message (RFC 2046 5.1), each with its header. */
export function partsOf(message: ByteString): readonly ByteString[] {
  const boundary = /boundary="([^"]+)"/.exec(fieldOf(message, 'Content-Type') ?? '')?.[1];
  const pieces = `\n${bodyOf(message)}`.split(`\n--${boundary}`);
  if (pieces.at(-1) !== '--\n') throw new Error('the last boundary is missing');
  return pieces.slice(1, -1).map((piece) => piece.slice(1));
}
