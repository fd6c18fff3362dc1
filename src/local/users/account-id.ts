/** Numbers of users and groups, in decimal. */
import type { ByteString } from '../../system/index.ts';

/** The largest one; the number after it means "none" to the kernel. */
export const accountIdMax = 0xfffffffe;

const digitsMax = 10;

/** undefined for what is no decimal number, or none that an account can have. */
export function parseAccountId(text: ByteString): number | undefined {
  if (text === '' || text.length > digitsMax) return undefined;
  for (const digit of text) if (digit < '0' || digit > '9') return undefined;
  const id = Number(text);
  return id > accountIdMax ? undefined : id;
}
