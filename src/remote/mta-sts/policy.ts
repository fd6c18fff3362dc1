/**
 * What a domain publishes for MTA-STS (RFC 8461): a TXT record that says whether there is a policy and which one (3.1), and
 * the policy (3.2):
 *
 *     record = "v=STSv1" *( ";" name "=" value ), one of them id=1*32( ALPHA / DIGIT )
 *     policy = "version: STSv1" EOL *( name ":" value EOL )       EOL = LF / CR LF
 *
 * of which mode, max_age and mx count. What is not as it should be is no record, and no policy.
 */
import { type ByteString, lowerAscii } from '../../system/index.ts';

export type StsMode = 'enforce' | 'testing' | 'none';

export interface StsPolicy {
  readonly mode: StsMode;
  readonly maxAgeSeconds: number;
  /** In lower case; one that begins with *. stands for every first label. */
  readonly hosts: readonly ByteString[];
}

/** A year: RFC 8461 3.2 allows no more. */
export const maxAgeSecondsMax = 31_557_600;

/** Patterns of hosts in a policy. */
export const policyHostsMax = 100;

const idBytesMax = 32;

function trimmed(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t'.includes(text.charAt(start))) start += 1;
  while (end > start && ' \t'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isAlphanumeric(text: ByteString): boolean {
  return [...lowerAscii(text)].every((char) => (char >= 'a' && char <= 'z') || (char >= '0' && char <= '9'));
}

/** Name and value on both sides of the first `separator`. */
function pair(text: ByteString, separator: string): readonly [ByteString, ByteString] {
  const at = text.indexOf(separator);
  if (at < 0) return [trimmed(text), ''];
  return [trimmed(text.slice(0, at)), trimmed(text.slice(at + 1))];
}

/** The id of a policy, of all TXT records at _mta-sts.DOMAIN. Undefined unless exactly one is for this. */
export function stsId(records: readonly ByteString[]): ByteString | undefined {
  const [record, ...more] = records.filter(
    (text) => pair(text.split(';', 1)[0] ?? '', '=').join('=') === 'v=STSv1',
  );
  if (record === undefined || more.length > 0) return undefined;
  const found = record
    .split(';')
    .map((part) => pair(part, '='))
    .find(([name]) => name === 'id');
  const id = found?.[1] ?? '';
  return id !== '' && id.length <= idBytesMax && isAlphanumeric(id) ? id : undefined;
}

function modeOf(text: ByteString | undefined): StsMode | undefined {
  return text === 'enforce' || text === 'testing' || text === 'none' ? text : undefined;
}

/** Undefined when it makes no sense. */
export function parseStsPolicy(text: ByteString): StsPolicy | undefined {
  const pairs = text
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line !== '')
    .map((line) => pair(line, ':'));
  const [first] = pairs;
  if (first?.[0] !== 'version' || first[1] !== 'STSv1') return undefined;
  const value = (wanted: ByteString) => pairs.find(([name]) => name === wanted)?.[1];
  const mode = modeOf(value('mode'));
  const age = value('max_age') ?? '';
  const isNumber = age !== '' && age.length <= 10 && [...age].every((char) => char >= '0' && char <= '9');
  const hosts = pairs.filter(([name]) => name === 'mx').map(([, host]) => lowerAscii(host));
  if (mode === undefined || !isNumber || hosts.length > policyHostsMax) return undefined;
  if (mode !== 'none' && hosts.length === 0) return undefined;
  return { mode, maxAgeSeconds: Math.min(Number(age), maxAgeSecondsMax), hosts };
}

/** Whether mail may go to the host of an MX record (RFC 8461 4.1). */
export function stsAllows({ hosts }: StsPolicy, host: ByteString): boolean {
  const lower = lowerAscii(host);
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  const dot = name.indexOf('.');
  return hosts.some(
    (pattern) =>
      pattern === name || (pattern.startsWith('*.') && dot > 0 && pattern.slice(1) === name.slice(dot)),
  );
}
