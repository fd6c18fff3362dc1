/**
 * How operators write a length of time, and how it is written for them:
 *
 *     duration = 1*DIGIT [ "s" / "m" / "h" / "d" / "w" ]
 *
 * A number alone is seconds.
 */

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const digitsMax = 9;

/** Milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const unit = unitMs[text.slice(-1)];
  const digits = unit === undefined ? text : text.slice(0, -1);
  const isNumber =
    digits !== '' && digits.length <= digitsMax && [...digits].every((digit) => digit >= '0' && digit <= '9');
  return isNumber ? Number(digits) * (unit ?? 1000) : undefined;
}

/** The two largest units that it has: 45s, 12m 5s, 3h 12m, 9d 4h. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(Math.max(ms, 0) / 1000);
  const parts = [
    `${Math.floor(seconds / 86_400)}d`,
    `${Math.floor(seconds / 3600) % 24}h`,
    `${Math.floor(seconds / 60) % 60}m`,
    `${seconds % 60}s`,
  ];
  const first = parts.findIndex((part) => !part.startsWith('0'));
  return first < 0 ? '0s' : parts.slice(first, first + 2).join(' ');
}
