/** A message on its way to one destination, and the hook through which what leaves this host is changed. */
import type { MessageBody } from '../mail/index.ts';
import type { ByteString } from '../system/index.ts';

export interface Outgoing {
  /** The envelope sender; empty for a bounce. */
  readonly sender: ByteString;
  /** At least one. All are to be reached over the same connection. */
  readonly recipients: readonly ByteString[];
  /** May be read several times, and not after the delivery is over. How it is sent says wire-text.ts. */
  readonly body: MessageBody;
  /** The same for the same message as long as it is here, if whoever hands it on can tell. */
  readonly message?: ByteString;
}

/**
 * Makes of a message the one that is sent: another envelope sender, fields before its header, another header. Called
 * once for each transaction, before it; a message whose recipients are apart comes several times. The recipients stay
 * as many and in their order. A rejection defers the message, with its text.
 */
export type Prepare = (outgoing: Outgoing) => Promise<Outgoing>;
