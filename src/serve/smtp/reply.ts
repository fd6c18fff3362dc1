/**
 * SMTP replies (RFC 5321 4.2) with enhanced status codes (RFC 2034), and how the answers of the queue are spelled as such.
 */
import { type Answer, type ByteString, printable, type Verdict } from '../../system/index.ts';

/** Bytes of a reply line without CR LF (RFC 5321 4.5.3.1.5). */
const replyBytesMax = 510;

const textBytesMax = replyBytesMax - '250 2.0.0 ...'.length;

export interface SmtpReply {
  readonly code: number;
  readonly enhanced: string;
  readonly text: ByteString;
}

/** One line. Text from elsewhere may be in it. */
export function formatReply({ code, enhanced, text }: SmtpReply): ByteString {
  return `${code} ${enhanced} ${printable(text, textBytesMax)}\r\n`;
}

/** Several lines, none of which has an enhanced code: for the greeting and for EHLO. */
export function formatLines(code: number, lines: readonly ByteString[]): ByteString {
  const last = lines.length - 1;
  return lines.map((line, index) => `${code}${index === last ? ' ' : '-'}${line}\r\n`).join('');
}

interface Spelling {
  readonly code: number;
  /** Where the answer has no code, or one of another class. */
  readonly enhanced: string;
}

const spellings: Readonly<Record<Verdict, Spelling>> = {
  K: { code: 250, enhanced: '2.0.0' },
  Z: { code: 451, enhanced: '4.3.0' },
  D: { code: 554, enhanced: '5.3.0' },
};

interface CodedText {
  readonly enhanced: string | undefined;
  /** Without the code. */
  readonly text: ByteString;
}

const digits = new Set('0123456789');

/** A text of qmail's ends with its code: `too many hops (#5.4.6)`. */
function splitCode(text: ByteString): CodedText {
  const open = text.lastIndexOf('(#');
  const close = text.indexOf(')', open);
  const enhanced = text.slice(open + 2, close);
  const parts = enhanced.split('.');
  const isCode =
    open >= 0 &&
    close >= 0 &&
    parts.length === 3 &&
    parts.every((part) => part !== '' && part.length <= 3 && [...part].every((digit) => digits.has(digit)));
  if (!isCode) return { enhanced: undefined, text };
  return { enhanced, text: (text.slice(0, open).trimEnd() + text.slice(close + 1)).trim() };
}

export function replyOfAnswer({ verdict, text }: Answer): SmtpReply {
  const { code, enhanced } = spellings[verdict];
  const coded = splitCode(text);
  const fits = coded.enhanced?.startsWith(enhanced.charAt(0)) === true;
  return { code, enhanced: fits ? (coded.enhanced ?? enhanced) : enhanced, text: coded.text };
}
