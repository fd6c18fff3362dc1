/**
 * The places of a message's recipients in the order of first attempts. Those at one domain share a place, as many as make a
 * good transaction, so that they are tried together and can go together, whatever else waits; each further such group comes
 * one place later, so that others come between the groups of a long list.
 */
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';

/** Recipients that share a place. */
export const recipientsTogether = 20;

interface Group {
  readonly rank: number;
  count: number;
}

/** For each recipient, in order. The message's place is `first`. */
export function ranksOf(first: number, recipients: readonly ByteString[]): readonly number[] {
  const groups = new Map<ByteString, Group>();
  let next = first;
  return recipients.map((address) => {
    const domain = lowerAscii(splitAddress(address).domain ?? '');
    let group = groups.get(domain);
    if (group === undefined || group.count === recipientsTogether) {
      group = { rank: next, count: 0 };
      groups.set(domain, group);
      next += 1;
    }
    group.count += 1;
    return group.rank;
  });
}
