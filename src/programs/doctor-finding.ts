/** What qmail-doctor says of one thing that it looked at, and of all of them together. */
import { asciiJson } from '../system/index.ts';

/** `problem`: mail is lost on its way or does not go out. `warning`: it goes out, and something is not as it should be. */
export type FindingState = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at: home, control/me, hub 192.0.2.1:628 ... */
  readonly what: string;
  readonly state: FindingState;
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const doctorExit = { well: 0, warnings: 1, problems: 2 } as const;

function count(findings: readonly Finding[], state: FindingState): number {
  return findings.filter((finding) => finding.state === state).length;
}

export function exitOf(findings: readonly Finding[]): number {
  if (count(findings, 'problem') > 0) return doctorExit.problems;
  return count(findings, 'warning') > 0 ? doctorExit.warnings : doctorExit.well;
}

const columns = 9;

/** One line, or two with what to do. */
export function findingText({ what, state, says, advice }: Finding): string {
  const first = `${state.padEnd(columns)}${what}: ${says}\n`;
  return advice === undefined ? first : `${first}${' '.repeat(columns)}-> ${advice}\n`;
}

export function summaryText(findings: readonly Finding[]): string {
  const [problems, warnings] = [count(findings, 'problem'), count(findings, 'warning')];
  if (problems + warnings === 0) return 'All is well.\n';
  const noun = (number: number, name: string) => `${number} ${name}${number === 1 ? '' : 's'}`;
  return `${noun(problems, 'problem')}, ${noun(warnings, 'warning')}.\n`;
}

export function findingsJson(findings: readonly Finding[]): string {
  const counted = { problems: count(findings, 'problem'), warnings: count(findings, 'warning') };
  return `${asciiJson({ ...counted, findings })}\n`;
}
