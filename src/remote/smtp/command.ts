/**
 * MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3) with their parameters, and whether an address can stand in them at all. An
 * address came from whoever wrote the message: it must not end the command, nor its path.
 */
import { quoteAddress, splitAddress } from '../../mail/index.ts';
import type { ByteString } from '../../system/index.ts';

/** What separates or ends something in a command, and cannot be in a domain. */
const outsideDomains = ' "(),:;<>@[\\]';

function hasControls(text: ByteString): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** An address literal (RFC 5321 4.1.3) may have brackets around it, and colons. */
function isDomain(domain: ByteString): boolean {
  const isLiteral = domain.startsWith('[') && domain.endsWith(']') && domain.length > 2;
  const inner = isLiteral ? domain.slice(1, -1) : domain;
  return (
    inner !== '' && ![...inner].some((char) => outsideDomains.includes(char) && !(isLiteral && char === ':'))
  );
}

/** Whether an address can be said to a server. The empty one is the sender of bounces. */
export function canBeSaid(address: ByteString): boolean {
  if (address === '') return true;
  if (hasControls(address)) return false;
  const { domain } = splitAddress(address);
  return domain === undefined || isDomain(domain);
}

/** Bytes over 127: the server has to know SMTPUTF8. */
export function needsUtf8(address: ByteString): boolean {
  for (let index = 0; index < address.length; index += 1) if (address.charCodeAt(index) > 127) return true;
  return false;
}

export interface MailParameters {
  readonly sizeBytes: number | undefined;
  readonly eightBit: boolean;
  readonly utf8: boolean;
}

export function mailCommand(sender: ByteString, { sizeBytes, eightBit, utf8 }: MailParameters): ByteString {
  const size = sizeBytes === undefined ? '' : ` SIZE=${sizeBytes}`;
  const body = eightBit ? ' BODY=8BITMIME' : '';
  return `MAIL FROM:<${quoteAddress(sender)}>${size}${body}${utf8 ? ' SMTPUTF8' : ''}`;
}

export function recipientCommand(recipient: ByteString): ByteString {
  return `RCPT TO:<${quoteAddress(recipient)}>`;
}
