/** IPv4 and IPv6 literals, as people and configuration files write them. */
import { type ByteString, lowerAscii } from './bytes.ts';

export const digits = '0123456789';
const hexDigits = `${digits}abcdef`;
const zoneCharacters = `${digits}abcdefghijklmnopqrstuvwxyz-_`;

const octetDigitsMax = 3;
const octetMax = 255;

const ipv6Groups = 8;
const ipv6GroupDigitsMax = 4;

/** Whether it is not empty and holds these characters alone. */
export function consistsOf(text: ByteString, characters: string): boolean {
  for (const character of text) if (!characters.includes(character)) return false;
  return text !== '';
}

function parseOctet(text: ByteString): number | undefined {
  if (!consistsOf(text, digits) || text.length > octetDigitsMax) return undefined;
  const value = Number(text);
  return value <= octetMax ? value : undefined;
}

/** A dotted quad in its usual form; leading zeros are read as decimal, as qmail does. */
export function parseIpv4(text: ByteString): ByteString | undefined {
  const parts = text.split('.').map(parseOctet);
  if (parts.length !== 4 || parts.includes(undefined)) return undefined;
  return parts.join('.');
}

/** The number of groups in a run of an IPv6 literal, or undefined when it is malformed. RFC 4291 2.2. */
function countGroups(run: ByteString, last: boolean): number | undefined {
  if (run === '') return 0;
  const groups = run.split(':');
  let count = 0;
  for (const [index, group] of groups.entries()) {
    if (last && index === groups.length - 1 && parseIpv4(group) === group) count += 2;
    else if (group.length <= ipv6GroupDigitsMax && consistsOf(group, hexDigits)) count += 1;
    else return undefined;
  }
  return count;
}

/** An IPv6 literal, perhaps with a zone (RFC 4007 11). */
export function parseIpv6(text: ByteString): ByteString | undefined {
  const percent = text.indexOf('%');
  const address = lowerAscii(percent < 0 ? text : text.slice(0, percent));
  if (percent >= 0 && !consistsOf(lowerAscii(text.slice(percent + 1)), zoneCharacters)) return undefined;
  const runs = address.split('::');
  if (runs.length > 2) return undefined;
  let count = 0;
  for (const [index, run] of runs.entries()) {
    const groups = countGroups(run, index === runs.length - 1);
    if (groups === undefined) return undefined;
    count += groups;
  }
  const whole = runs.length === 1 ? count === ipv6Groups : count < ipv6Groups;
  return whole ? text : undefined;
}
