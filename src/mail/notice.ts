/** What a bounce is made from. */
import type { ByteString } from '../system/index.ts';
import type { MessageBody } from './message-body.ts';

/** A recipient that was not delivered to. */
export interface Failure {
  readonly address: ByteString;
  /** What the last attempt reported. */
  readonly report: ByteString;
  /** When it was last tried, 0 for never. */
  readonly triedMs: number;
}

export interface Notice {
  /** Which program says so; qmail-send unless another is named. */
  readonly program?: string;
  /** This host. */
  readonly host: ByteString;
  /** The addresses of the bounce's From and To fields. */
  readonly from: ByteString;
  readonly to: ByteString;
  /** The bounce of a bounce. */
  readonly isDouble: boolean;
  /** The content of its Message-ID field, with angle brackets. */
  readonly messageId: ByteString;
  /** Between the parts; random, so that it occurs in none of them. RFC 2046 5.1.1 boundary, without blanks. */
  readonly boundary: ByteString;
  readonly nowMs: number;
  /** The original's envelope sender, when it came, and its bytes. */
  readonly sender: ByteString;
  readonly arrivedMs: number;
  /** undefined when it cannot be read: the bounce goes without it. */
  readonly original: MessageBody | undefined;
  /** The original is returned whole up to this size, and its header of a larger one; 0 for no limit. */
  readonly originalBytesMax: number;
  /** The failed recipients, which are asked for several times. */
  failures(): Iterable<Failure>;
}
