/** For whom a key is made that one of the hub's own users is to read. */
import { type Account, findAccount } from '../process/index.ts';
import type { System } from '../system/index.ts';

/** `named`: who was asked for. Else, for root, the user `preset`, if there is one. Undefined for the caller. */
export function keyOwner(system: System, named: string | undefined, preset: string): Account | undefined {
  if (named !== undefined) return findAccount(named);
  if (system.uid !== 0) return undefined;
  try {
    return findAccount(preset);
  } catch {
    // A hub in one process has no such user.
    return undefined;
  }
}
