/** How long a program of a .qmail file may run: control/timeoutprogram. */
import type { Control } from '../control/index.ts';
import { programMsDefault } from '../local/index.ts';

export const programSecondsDefault: number = programMsDefault / 1000;

/** In milliseconds; at least a second. */
export function readProgramMsMax(control: Control): number {
  return Math.max(control.number('timeoutprogram', programSecondsDefault), 1) * 1000;
}
