/** The lines that a delivery puts on top of a message (qmail-local(8)): whom it came from, and to whom it went. */
import { formatMboxDate, quoteAddress } from '../mail/index.ts';
import type { ByteString } from '../system/index.ts';

export interface DeliveryLines {
  /** `From sender date`: what an mbox has in front of each message. */
  readonly from: ByteString;
  /** `Return-Path: <sender>` */
  readonly returnPath: ByteString;
  /** `Delivered-To: recipient` */
  readonly deliveredTo: ByteString;
}

/** A line must stay one line, whatever bytes an address has. */
function withoutLineFeeds(text: ByteString): ByteString {
  return text.replaceAll('\n', '_');
}

/** mbox readers take the first word for the sender, so blanks cannot stand in it. */
function withoutBlanks(sender: ByteString): ByteString {
  return sender.replaceAll(' ', '-').replaceAll('\t', '-').replaceAll('\n', '-');
}

/** `recipient` is the whole address. Each line ends with LF. */
export function deliveryLines(sender: ByteString, recipient: ByteString, nowMs: number): DeliveryLines {
  return {
    from: `From ${withoutBlanks(sender) || 'MAILER-DAEMON'} ${formatMboxDate(nowMs)}\n`,
    returnPath: `${withoutLineFeeds(`Return-Path: <${quoteAddress(sender)}`)}>\n`,
    deliveredTo: `${withoutLineFeeds(`Delivered-To: ${recipient}`)}\n`,
  };
}
