/**
 * The part of a bounce that other mail systems read: message/delivery-status (RFC 3464), a group of fields for the
 * message and one for each failed recipient. It is ASCII whatever the addresses and reports are.
 */
import { type ByteString, bytesOf } from '../system/index.ts';
import { quoteAddress } from './address.ts';
import { formatDate } from './date.ts';
import { addressInLine, reportLines } from './failure-text.ts';
import type { Notice } from './notice.ts';

/** The status of a failure whose report names none: RFC 3463 2, an undefined permanent failure. */
const statusDefault = '5.0.0';

/** Digits of the second and third number of a status code (RFC 3463 2). */
const statusDigitsMax = 3;

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** `text` as a status code: "4" or "5", and two numbers of up to three digits, with dots between them. */
function isStatus(text: ByteString): boolean {
  const [kind = '', ...numbers] = text.split('.');
  return (
    (kind === '4' || kind === '5') &&
    numbers.length === 2 &&
    numbers.every((number) => number !== '' && number.length <= statusDigitsMax && [...number].every(isDigit))
  );
}

/** The first enhanced status code in a report, which is where it says `(#5.1.1)`. */
export function statusOf(report: ByteString): string {
  for (let start = report.indexOf('(#'); start >= 0; start = report.indexOf('(#', start + 2)) {
    const end = report.indexOf(')', start);
    const status = end < 0 ? '' : report.slice(start + 2, end);
    if (isStatus(status)) return status;
  }
  return statusDefault;
}

function ascii(text: ByteString): ByteString {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    result += text.charCodeAt(index) < 127 ? text.charAt(index) : '?';
  }
  return result;
}

/** A report folded as a field's text; empty lines and blanks at their starts would end or unfold it. */
function diagnostic(report: ByteString): ByteString {
  const lines = reportLines(report).map((line) => ascii(line).replaceAll('\t', ' ').trim());
  const said = lines.filter((line) => line !== '' && line !== '/');
  return said.length === 0 ? '' : `Diagnostic-Code: X-Qmail; ${said.join('\n  ')}\n`;
}

export function* deliveryStatus(notice: Notice): Iterable<Uint8Array> {
  yield bytesOf(`Reporting-MTA: dns; ${ascii(notice.host)}\nArrival-Date: ${formatDate(notice.arrivedMs)}\n`);
  for (const { address, report, triedMs } of notice.failures()) {
    yield bytesOf(
      '\n' +
        `Final-Recipient: rfc822; ${quoteAddress(ascii(addressInLine(address)))}\n` +
        'Action: failed\n' +
        `Status: ${statusOf(report)}\n` +
        (triedMs > 0 ? `Last-Attempt-Date: ${formatDate(triedMs)}\n` : '') +
        diagnostic(report),
    );
  }
}
