/**
 * Variable envelope return paths: a sender `P@H-@[]` becomes, for the recipient `r@d`, `Pr=d@H`, so that a bounce says
 * by its own recipient which address failed. `-@[]` never leaves the queue.
 */
import { splitAddress } from '../mail/index.ts';
import type { ByteString } from '../system/index.ts';

const mark = '-@[]';

/** The sender for one recipient, which is named as it is delivered to: with its host, and the prefix of a virtual domain. */
export function senderFor(sender: ByteString, recipient: ByteString): ByteString {
  if (!sender.endsWith(mark)) return sender;
  const plain = sender.slice(0, -mark.length);
  const { local, domain } = splitAddress(plain);
  const to = splitAddress(recipient);
  if (domain === undefined || to.domain === undefined) return plain;
  return `${local}${to.local}=${to.domain}@${domain}`;
}

/** The sender for a message's one bounce. */
export function bounceRecipient(sender: ByteString): ByteString {
  return sender.endsWith(mark) ? sender.slice(0, -mark.length) : sender;
}
