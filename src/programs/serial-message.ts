/** A message as qmail-local writes it to a Maildir: Return-Path and Delivered-To on top, and then what was sent. */
import { addressText, type MessageBody, tokenise } from '../mail/index.ts';
import { type ByteString, type Descriptor, type System, textOf } from '../system/index.ts';
import { readMessageAgain } from './read-message.ts';

export interface SerialMessage {
  /** undefined when the first line is no Return-Path line. */
  readonly sender: ByteString | undefined;
  readonly recipient: ByteString;
  /** Bytes of the two lines. */
  readonly headBytes: number;
}

const returnPath = 'Return-Path: <';
const deliveredTo = 'Delivered-To: ';

/** Bytes that are looked at: two lines with addresses are much shorter. */
const headBytesMax = 8192;

/** The address in a Return-Path line, where a local part may stand in quotes. */
function unquoted(address: ByteString): ByteString | undefined {
  if (!address.includes('"')) return address;
  const tokens = tokenise(address);
  return tokens === undefined ? undefined : addressText(tokens);
}

function senderIn(line: ByteString): ByteString | undefined {
  if (!line.startsWith(returnPath) || !line.endsWith('>') || line.includes('\0')) return undefined;
  return unquoted(line.slice(returnPath.length, -1));
}

/** Reads the two lines; undefined when the second one is no Delivered-To line. */
export function readSerialMessage(system: System, descriptor: Descriptor): SerialMessage | undefined {
  const buffer = new Uint8Array(headBytesMax);
  const start = textOf(buffer, 0, system.files.readAt(descriptor, buffer, 0));
  const firstEnd = start.indexOf('\n');
  const secondEnd = start.indexOf('\n', firstEnd + 1);
  if (firstEnd < 0 || secondEnd < 0) return undefined;
  const second = start.slice(firstEnd + 1, secondEnd);
  if (!second.startsWith(deliveredTo)) return undefined;
  return {
    sender: senderIn(start.slice(0, firstEnd)),
    recipient: second.slice(deliveredTo.length),
    headBytes: secondEnd + 1,
  };
}

/** What was sent: the message without the two lines. */
export function bodyBehind(
  system: System,
  descriptor: Descriptor,
  headBytes: number,
  sizeBytes: number,
): MessageBody {
  return {
    sizeBytes: sizeBytes - headBytes,
    *chunks() {
      let skip = headBytes;
      for (const piece of readMessageAgain(system, descriptor)) {
        const rest = piece.subarray(skip);
        skip = Math.max(0, skip - piece.length);
        if (rest.length > 0) yield rest;
      }
    },
  };
}
