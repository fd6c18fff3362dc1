/**
 * What a check for a monitor answers: one line of text and the exit codes of the Monitoring Plugins Guidelines: 0 OK,
 * 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
 */

export const monitorExit = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;

export const monitorWords = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** What is too much; undefined asks nothing. */
export interface Thresholds {
  readonly warnAgeMs: number | undefined;
  readonly critAgeMs: number | undefined;
  readonly warnCount: number | undefined;
  readonly critCount: number | undefined;
}

export interface Finding {
  readonly exit: number;
  /** Without its line end. */
  readonly line: string;
}

export function severity(value: number, warn: number | undefined, crit: number | undefined): number {
  if (crit !== undefined && value > crit) return monitorExit.critical;
  return warn !== undefined && value > warn ? monitorExit.warning : monitorExit.ok;
}
