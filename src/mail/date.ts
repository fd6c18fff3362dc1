/** The dates that qmail writes: in GMT and independent of locale and time zone, but for the one of predate. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function clock(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `5 Nov 2026 08:44:38 -0000`: RFC 5322 3.3, where -0000 says that nothing is known of a local zone. */
export function formatDate(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clock(date)} -0000`;
}

/**
 * `5 Nov 2026 09:44:38 +0100`: the same with a local zone, which is so many minutes ahead of GMT. Of an offset that has
 * seconds, as zones of old times do, the nearest minute is shown.
 */
export function formatLocalDate(ms: number, aheadMinutes: number): string {
  const minutes = Math.round(Math.abs(aheadMinutes));
  const zone = `${aheadMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  return formatDate(ms + aheadMinutes * 60_000).replace('-0000', zone);
}

/** `Thu Nov 05 08:44:38 2026`: the date of an mbox From_ line. */
export function formatMboxDate(ms: number): string {
  const date = new Date(ms);
  const day = days[date.getUTCDay()];
  return `${day} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clock(date)} ${date.getUTCFullYear()}`;
}

/** `20261105084438`: the time as Message-ID fields carry it. */
export function formatTimestamp(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
  return `${day}${clock(date).replaceAll(':', '')}`;
}
