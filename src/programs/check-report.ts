/** What a check of a store found, as text and as an exit code. */
import { type CheckResult, checkStore } from '../queue/index.ts';
import type { System } from '../system/index.ts';
import { print } from './print.ts';

/** Findings that are printed one by one; more of them say no more. */
export const findingsShownMax = 1000;

/** Exit codes: nothing was found; all that was found is repaired; something is left. */
const exitSound = 0;
const exitRepaired = 1;
const exitLeft = 2;

function summary({ messages, recipients, incoming, found, repaired, left }: CheckResult): string {
  const counted = `${messages} messages, ${recipients} recipients`;
  const unfinished = incoming === 0 ? '' : `, ${incoming} incomplete messages`;
  const outcome = found === 0 ? 'nothing is wrong' : `${found} found, ${repaired} repaired, ${left} left`;
  return `${counted}${unfinished}: ${outcome}`;
}

/** Checks the store in this file, prints what is wrong with it and a summary, and answers the exit code. */
export function checkAndPrint(system: System, path: string, repair: boolean): number {
  let shown = 0;
  const result = checkStore(path, {
    repair,
    nowMs: system.now(),
    onFinding({ text }, repaired) {
      shown += 1;
      if (shown <= findingsShownMax) print(system, `${repaired ? 'repaired' : 'found'}: ${text}\n`);
      else if (shown === findingsShownMax + 1) print(system, 'and more, which are counted only\n');
    },
  });
  print(system, `${summary(result)}\n`);
  if (result.left > 0) return exitLeft;
  return result.found > 0 ? exitRepaired : exitSound;
}
