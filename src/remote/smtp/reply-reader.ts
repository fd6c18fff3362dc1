/**
 * Replies of an SMTP server (RFC 5321 4.2), read as their bytes come:
 *
 *     Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
 *
 * LF alone ends a line too, and of several lines the last one's code counts. The text is the server's and not trusted:
 * of it only so much is kept, without control characters. Only as many replies are read as commands were said: what
 * comes beyond them is dropped and held against the server, which could otherwise pass the answer to one command off as
 * the answer to another.
 */
import type { ByteString } from '../../system/index.ts';

/** Bytes of one reply. A server that says more is given up. */
export const replyBytesMax = 65_536;

/** Bytes of its text that are kept, as qmail-remote does it. */
export const replyTextBytesMax = 5_000;

export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** All lines with their codes, each without its end, joined by LF. */
  readonly text: ByteString;
}

export interface ReplyReader {
  /** So many commands are being said. Answers what is wrong when the server spoke before. */
  expect(count: number): string | undefined;
  /** Takes bytes of the server. */
  push(bytes: Uint8Array): void;
  /** The next reply, if it is there. */
  next(): Reply | undefined;
  /** Nothing more can be read, and why. Replies that came before can still be had. */
  readonly broken: string | undefined;
  /** Whether the server has said nothing but what was asked and has been taken. */
  readonly isIdle: boolean;
  /** Drops what has come and was not taken, as before a switch to TLS. */
  forget(): void;
}

/** The server waits for the message (RFC 5321 4.2.3). */
const startInput = 354;

const lineFeed = 10;
const carriageReturn = 13;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The reply code at the start of a line, or undefined when there is none. */
function codeOf(line: ByteString): number | undefined {
  if (line.length < 3) return undefined;
  for (let index = 0; index < 3; index += 1) if (!isDigit(line.charCodeAt(index))) return undefined;
  const code = Number(line.slice(0, 3));
  return code >= 200 && code <= 599 ? code : undefined;
}

export function createReplyReader(): ReplyReader {
  let replies: Reply[] = [];
  /** Replies that are yet to be read. */
  let wanted = 0;
  /** Replies among them that may come before they are expected. */
  let ahead = 0;
  let line = '';
  let text = '';
  let replyBytes = 0;
  let broken: string | undefined;
  let unasked = false;

  function startReply(): void {
    line = '';
    text = '';
    replyBytes = 0;
  }

  function endLine(): void {
    const code = codeOf(line);
    if (code === undefined) {
      broken = 'what it said is no SMTP reply';
      return;
    }
    text += text === '' ? line : `\n${line}`;
    const isLast = line.charAt(3) !== '-';
    line = '';
    if (!isLast) return;
    replies.push({ code, text: text.slice(0, replyTextBytesMax) });
    wanted -= 1;
    // A server may know that it does not want the message before it has seen any of it.
    if (code === startInput) {
      wanted += 1;
      ahead += 1;
    }
    startReply();
  }

  function take(byte: number): void {
    replyBytes += 1;
    if (replyBytes > replyBytesMax) broken = `its reply is longer than ${replyBytesMax} bytes`;
    else if (byte === lineFeed) endLine();
    else if (byte !== carriageReturn && text.length + line.length <= replyTextBytesMax + 3) {
      line += byte < 32 || byte === 127 ? '?' : String.fromCharCode(byte);
    } else if (byte !== carriageReturn && line.length < 4) {
      // Too much has come to keep its text, but what the line says of the reply is needed.
      line += String.fromCharCode(byte);
    }
  }

  return {
    expect(count) {
      if (unasked) broken ??= 'it answered what it was not asked';
      const early = Math.min(ahead, count);
      ahead -= early;
      wanted += count - early;
      return broken;
    },
    push(bytes) {
      for (const byte of bytes) {
        if (broken !== undefined) return;
        if (wanted === 0) {
          unasked = true;
          return;
        }
        take(byte);
      }
    },
    next: () => replies.shift(),
    get broken() {
      return broken;
    },
    get isIdle() {
      return broken === undefined && !unasked && replies.length === 0 && wanted === 0;
    },
    forget() {
      replies = [];
      wanted = 0;
      ahead = 0;
      unasked = false;
      startReply();
    },
  };
}
