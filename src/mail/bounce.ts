/**
 * A bounce: one message for all failed recipients of another. It can be read in two ways. Who knows the qmail-send
 * Bounce Message Format finds it in the preamble, complete, with the header of the original. For everyone else it is a
 * multipart/report (RFC 6522) of the same text, a message/delivery-status (RFC 3464), and the original or its header.
 *
 * It is made piece by piece: neither the recipients nor the original are ever in memory.
 */
import { type ByteString, bytesOf, last } from '../system/index.ts';
import { quoteAddress } from './address.ts';
import { type ContentScanner, createContentScanner, widestEncoding } from './content-scan.ts';
import { formatDate } from './date.ts';
import { deliveryStatus } from './delivery-status.ts';
import { addressInLine, failureText } from './failure-text.ts';
import type { Notice } from './notice.ts';
import { returnedContent } from './returned-content.ts';

/** Bytes of a header that a bounce repeats. */
const headerBytesMax = 65_536;

const lineFeed = 10;

function endsLine(piece: Uint8Array | undefined): boolean {
  return piece === undefined || last(piece) === lineFeed;
}

/** The pieces, and a line end when the last one has none. */
function* wholeLines(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let ended = true;
  for (const piece of pieces) {
    ended = endsLine(piece);
    yield piece;
  }
  if (!ended) yield bytesOf('\n');
}

const nothing = new Uint8Array(0);

/** Looks through content that is to come. It may be much: each piece of it is an empty piece of the bounce. */
function* lookThrough(pieces: Iterable<Uint8Array>, scanner: ContentScanner): Iterable<Uint8Array> {
  for (const piece of pieces) {
    scanner.feed(piece);
    yield nothing;
  }
}

/** The header of one of the parts, after the boundary that begins it. */
function partHeader(boundary: ByteString, fields: readonly ByteString[]): Uint8Array {
  return bytesOf(`--${boundary}\n${fields.join('\n')}\n\n`);
}

/** The last paragraph for people: what the other parts are. */
function announcement({ isDouble, original }: Notice, isWhole: boolean): ByteString {
  const what = isDouble ? 'the bounce message' : 'your message';
  if (original === undefined) return `A report for programs follows, but not ${what}: it cannot be read.\n\n`;
  return `A report for programs and ${isWhole ? '' : 'the header of '}${what} follow.\n\n`;
}

/** The pieces of a bounce. Some are empty, so that whoever takes them can do other things in between. */
export function* formatBounce(notice: Notice): Iterable<Uint8Array> {
  const { boundary } = notice;
  const { header, whole } = returnedContent(notice.original, notice.originalBytesMax, headerBytesMax);
  const textScanner = createContentScanner();
  yield* lookThrough(failureText(notice), textScanner);
  const returnedScanner = createContentScanner();
  yield* lookThrough((whole ?? header).chunks(), returnedScanner);
  const { scan: text } = textScanner;
  const { scan: returned } = returnedScanner;
  const encoding = widestEncoding([text.encoding, returned.encoding]);
  const charset = text.encoding === '7bit' ? 'us-ascii' : text.utf8 ? 'utf-8' : 'unknown-8bit';
  const returnPath = bytesOf(`Return-Path: <${quoteAddress(addressInLine(notice.sender))}>\n`);

  yield bytesOf(
    `Date: ${formatDate(notice.nowMs)}\n` +
      `From: ${quoteAddress(addressInLine(notice.from))}\n` +
      `To: ${quoteAddress(addressInLine(notice.to))}\n` +
      'Subject: failure notice\n' +
      `Message-ID: ${notice.messageId}\n` +
      'Auto-Submitted: auto-replied\n' +
      'MIME-Version: 1.0\n' +
      'Content-Type: multipart/report; report-type=delivery-status;\n' +
      `  boundary="${boundary}"\n` +
      `Content-Transfer-Encoding: ${encoding}\n\n`,
  );
  yield* failureText(notice);
  yield bytesOf('--- Below this line is the header of the message.\n\n');
  yield returnPath;
  yield* wholeLines(header.chunks());
  yield bytesOf('\n');

  yield partHeader(boundary, [
    'Content-Description: failure notice',
    `Content-Type: text/plain; charset=${charset}`,
    `Content-Transfer-Encoding: ${text.encoding}`,
  ]);
  yield* failureText(notice);
  yield bytesOf(announcement(notice, whole !== undefined));

  yield partHeader(boundary, [
    'Content-Description: delivery report',
    'Content-Type: message/delivery-status',
  ]);
  yield* deliveryStatus(notice);
  yield bytesOf('\n');

  yield partHeader(boundary, [
    `Content-Description: ${whole === undefined ? 'header of the ' : ''}undelivered message`,
    `Content-Type: ${whole === undefined ? 'text/rfc822-headers' : 'message/rfc822'}`,
    `Content-Transfer-Encoding: ${returned.encoding}`,
  ]);
  yield returnPath;
  yield* (whole ?? header).chunks();
  yield bytesOf(`\n--${boundary}--\n`);
}
