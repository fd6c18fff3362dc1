/** What becomes of every message before it leaves for the world: its senders are masqueraded, and then it is signed. */
import type { Control } from '../control/index.ts';
import type { System } from '../system/index.ts';
import { createMasquerade } from './masquerade.ts';
import type { Prepare } from './outgoing.ts';
import { createSigning } from './sign-outgoing.ts';

export function createPrepare(system: System, control: Control): Prepare {
  const masquerade = createMasquerade(control);
  const sign = createSigning(system, control);
  return async (outgoing) => sign(await masquerade(outgoing));
}
