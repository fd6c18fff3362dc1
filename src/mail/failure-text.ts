/**
 * What a bounce says, as the qmail-send Bounce Message Format has it, so that programs find the failed recipients:
 *
 *     body                = introduction *recipient-paragraph break-paragraph original-message
 *     introduction        = "Hi. This is the" and other lines, then an empty line
 *     recipient-paragraph = "<" address ">:" LF *(report line LF) LF
 *     break-paragraph     = "-" and other characters LF LF
 *
 * No line within a paragraph is empty.
 */
import { type ByteString, bytesOf, last } from '../system/index.ts';
import type { Notice } from './notice.ts';

/** Bytes of one report that a bounce quotes. */
const reportBytesMax = 3000;

/** Longer lines of a report are broken: mail has lines of up to 998 bytes (RFC 5322 2.1.1). */
const reportLineBytesMax = 900;

function printableByte(code: number): boolean {
  return code === 9 || (code >= 32 && code !== 127);
}

/**
 * The lines of a report. An empty line becomes a '/', since it would end the paragraph, and control characters '?';
 * bytes over 127 stay as the reporter wrote them.
 */
export function reportLines(report: ByteString): readonly ByteString[] {
  const lines: ByteString[] = [];
  let line = '';
  const text = report.slice(0, reportBytesMax);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 13 && text.charCodeAt(index + 1) === 10) continue;
    if (code === 10 || line.length >= reportLineBytesMax) {
      lines.push(line);
      line = '';
    }
    if (code !== 10) line += printableByte(code) ? text.charAt(index) : '?';
  }
  lines.push(line);
  while (last(lines) === '') lines.pop();
  if (report.length > text.length) lines.push('(The rest of this report is left out.)');
  return lines.map((content) => content || '/');
}

/** An address within a line: it was read from an envelope, where any byte but NUL may stand. */
export function addressInLine(address: ByteString): ByteString {
  let result = '';
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    result += code < 32 || code === 127 ? '_' : address.charAt(index);
  }
  return result;
}

function introduction({ program = 'qmail-send', host, isDouble }: Notice): ByteString {
  const opening = `Hi. This is the ${program} program at ${host}.\n`;
  return isDouble
    ? `${opening}A bounce message could not be delivered either. Its sender cannot be told,\nso this report comes to you.\n\n`
    : `${opening}Your message could not be delivered to the addresses below. This is final:\nno further attempt will be made.\n\n`;
}

/** The introduction and one paragraph for each failed recipient. */
export function* failureText(notice: Notice): Iterable<Uint8Array> {
  yield bytesOf(introduction(notice));
  for (const { address, report } of notice.failures()) {
    const lines = reportLines(report).map((line) => `${line}\n`);
    yield bytesOf(`<${addressInLine(address)}>:\n${lines.join('')}\n`);
  }
}
