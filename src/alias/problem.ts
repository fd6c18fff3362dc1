/** Why a list, a table or a message is not taken: a verdict that becomes an exit code, and the reason. */
import type { Verdict } from '../system/index.ts';

export class AliasProblem extends Error {
  /** Z: it may be taken later, once somebody has mended what is wrong. D: never. */
  readonly verdict: Exclude<Verdict, 'K'>;

  /** The reason may be empty, where a program that failed has said it. */
  constructor(verdict: Exclude<Verdict, 'K'>, reason: string) {
    super(reason);
    this.name = 'AliasProblem';
    this.verdict = verdict;
  }
}
