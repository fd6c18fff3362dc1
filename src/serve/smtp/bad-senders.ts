/** Senders whose mail is not wanted: control/badmailfrom, addresses and @domains, in whatever case. */
import type { Control } from '../../control/index.ts';
import { type ByteString, lowerAscii } from '../../system/index.ts';

/** Throws when the file cannot be read. */
export function readBadSenders(control: Control): (address: ByteString) => boolean {
  const list = new Set((control.list('badmailfrom') ?? []).map(lowerAscii));
  return (address) => {
    const lower = lowerAscii(address);
    const at = lower.lastIndexOf('@');
    return list.has(lower) || (at >= 0 && list.has(lower.slice(at)));
  };
}
