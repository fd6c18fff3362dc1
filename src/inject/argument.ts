/** Addresses as arguments: raw bytes, box@host, completed by the same rules as those in a header. */
import { addressText, quoteAddress, type RewriteAddress, tokenise } from '../mail/index.ts';
import { type ByteString, printable } from '../system/index.ts';
import { InjectProblem } from './problem.ts';

/** The part before the last @ stands for itself, the part behind it is read as in a header. */
export function completeArgument(address: ByteString, rewrite: RewriteAddress): ByteString {
  const tokens = tokenise(quoteAddress(address));
  if (tokens === undefined)
    throw new InjectProblem(`unable to parse address: ${printable(address)} (#5.1.3)`);
  return addressText(rewrite(tokens));
}
