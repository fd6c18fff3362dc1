/**
 * A message and its envelope as the bytes of a QMTP request (request-parser.ts). The message goes with LF at the ends of its
 * lines, piece by piece, and its size must be known.
 */
import { formatNetstring } from '../../qmqp/index.ts';
import { type ByteString, bytesOf } from '../system/index.ts';

/** The port of the protocol's registration. */
export const qmtpPort = 209;

export interface QmtpRequest {
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  readonly body: {
    readonly sizeBytes: number;
    /** A piece is good until the next one is asked for. */
    chunks(): Iterable<Uint8Array>;
  };
}

/** The mark that lines end in LF. */
const markBytes = 1;

/** Throws when the body does not have the bytes that it should. */
export function* formatQmtpRequest({ sender, recipients, body }: QmtpRequest): Generator<Uint8Array> {
  yield bytesOf(`${body.sizeBytes + markBytes}:\n`);
  let sentBytes = 0;
  for (const piece of body.chunks()) {
    sentBytes += piece.length;
    if (sentBytes > body.sizeBytes) break;
    yield piece;
  }
  if (sentBytes !== body.sizeBytes)
    throw new Error(`a message of ${body.sizeBytes} bytes has brought ${sentBytes}`);
  yield bytesOf(`,${formatNetstring(sender)}${formatNetstring(recipients.map(formatNetstring).join(''))}`);
}
