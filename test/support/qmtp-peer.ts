/** A QMTP client that does exactly what a test says, and requests for it to send. */
import { formatNetstring } from '../../qmqp/index.ts';

/** `message`: with its mark. */
export function qmtpRequest(message: string, sender: string, ...recipients: readonly string[]): string {
  const list = recipients.map(formatNetstring).join('');
  return formatNetstring(message) + formatNetstring(sender) + formatNetstring(list);
}

/** The bodies of netstrings, one after the other. Throws when they are none. */
export function netstringsIn(text: string): readonly string[] {
  const bodies: string[] = [];
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const end = colon + 1 + Number(text.slice(at, colon));
    if (colon < 0 || text.charAt(end) !== ',') throw new Error(`no netstring at ${at} of ${text}`);
    bodies.push(text.slice(colon + 1, end));
    at = end + 1;
  }
  return bodies;
}
