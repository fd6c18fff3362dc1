/** The Date field of now in this machine's time zone, as predate and datemail put it on top. */
import { formatLocalDate } from '../mail/index.ts';
import type { ByteString, System } from '../system/index.ts';

/** `Date: 5 Nov 2026 09:44:38 +0100` with its line end. The zone is that of $TZ, else the machine's. */
export function localDateField(system: System): ByteString {
  const nowMs = system.now();
  return `Date: ${formatLocalDate(nowMs, -new Date(nowMs).getTimezoneOffset())}\n`;
}
