/** A whole number as people and programs write it: digits alone. */
import { consistsOf, digits } from './address.ts';
import type { ByteString } from './bytes.ts';

/** Digits of a number that stays exact. */
const digitsMax = 15;

/** The number that a text is, or undefined for one that is none or has too many digits. */
export function wholeNumber(text: ByteString): number | undefined {
  return text.length <= digitsMax && consistsOf(text, digits) ? Number(text) : undefined;
}
