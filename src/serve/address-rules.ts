/**
 * Rules for the addresses of clients, in the notation of tcprules(1) of ucspi-tcp and with the order of search of
 * tcpserver(1):
 *
 *     rule    = address ":" ( "allow" / "deny" ) *( "," name "=" quote value quote )
 *     address = [ info "@" ] ( ip / "=" host ) / prefix "." / "=." suffix / "=" / ""
 *
 * A quote is any character; the same one ends the value. A part of an IP address may be a range: 10.0.1-3. is 10.0.1.,
 * 10.0.2. and 10.0.3. Beyond tcprules, an IPv6 address stands in brackets, with the number of bits that count if these are
 * not all: [2001:db8::7] or [2001:db8::/32].
 */
import type { ByteString } from '../system/index.ts';
import { malformedRule, numberInRule, parseInstructions, parseRuleLine } from './address-rule-line.ts';
import { ipv6Bits as bitsMax, ipv6Prefix, parseIpv6 } from './ipv6-address.ts';

export interface AddressRule {
  /** As it was found: of a range, the one address. */
  readonly address: ByteString;
  readonly allow: boolean;
  readonly variables: Readonly<Record<string, ByteString>>;
}

export interface AddressRules {
  /** By address, and by ipv6Key; the first of several for one address counts. */
  readonly byAddress: ReadonlyMap<ByteString, AddressRule>;
  /** How many bits count in rules for IPv6 addresses; the most first. */
  readonly ipv6Bits: readonly number[];
}

export interface AddressClient {
  readonly ip: ByteString;
  readonly host?: ByteString | undefined;
  readonly info?: ByteString | undefined;
}

/** One spelling for all of an IPv6 address, or of its first bits. */
function ipv6Key(value: bigint, bits: number): ByteString {
  return `[${ipv6Prefix(value, bits).toString(16)}/${bits}]`;
}

interface Ipv6Range {
  readonly key: ByteString;
  readonly bits: number;
}

/** "[" ipv6 [ "/" bits ] "]" */
function ipv6RangeOf(address: ByteString, line: ByteString): Ipv6Range {
  const slash = address.indexOf('/');
  const length = slash < 0 ? String(bitsMax) : address.slice(slash + 1, -1);
  const value = parseIpv6(address.slice(1, slash < 0 ? -1 : slash));
  const bits = numberInRule(length, line);
  if (value === undefined || length === '' || bits > bitsMax) throw malformedRule(line);
  return { key: ipv6Key(value, bits), bits };
}

/**
 * Lines as a control file's list gives them, without comments. A line without a colon is none of a rule: it is handed to
 * `onIgnored`, since tcprules passes over it. Throws, with the line, for one that cannot be understood.
 */
export function parseAddressRules(
  lines: readonly ByteString[],
  onIgnored: (line: ByteString) => void,
): AddressRules {
  const byAddress = new Map<ByteString, AddressRule>();
  const ipv6Bits = new Set<number>();
  for (const line of lines) {
    const add = (key: ByteString, rule: AddressRule) => {
      if (!byAddress.has(key)) byAddress.set(key, rule);
    };
    if (line.startsWith('[')) {
      // Such an address has colons of its own.
      const end = line.indexOf(']:') + 1;
      if (end === 0) throw malformedRule(line);
      const address = line.slice(0, end);
      const { allow, settings } = parseInstructions(line.slice(end + 1), line);
      const { key, bits } = ipv6RangeOf(address, line);
      ipv6Bits.add(bits);
      add(key, { address, allow, variables: Object.fromEntries(settings) });
      continue;
    }
    const rule = parseRuleLine(line);
    if (rule === undefined) {
      onIgnored(line);
      continue;
    }
    const { allow, settings } = rule;
    for (const address of rule.addresses)
      add(address, { address, allow, variables: Object.fromEntries(settings) });
  }
  return { byAddress, ipv6Bits: [...ipv6Bits].sort((one, other) => other - one) };
}

/** What is looked for, in this order. `ipv6Bits`: see AddressRules. */
export function* searchedAddresses(
  { ip, host, info }: AddressClient,
  ipv6Bits: readonly number[] = [],
): Generator<ByteString, undefined> {
  const value = parseIpv6(ip);
  if (info !== undefined) {
    yield `${info}@${ip}`;
    if (host !== undefined) yield `${info}@=${host}`;
  }
  yield value === undefined ? ip : ipv6Key(value, bitsMax);
  if (host !== undefined) yield `=${host}`;
  if (value !== undefined) for (const bits of ipv6Bits) yield ipv6Key(value, bits);
  for (let end = ip.length; end > 0; end -= 1) if (ip.charAt(end - 1) === '.') yield ip.slice(0, end);
  if (host !== undefined) {
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) yield `=${host.slice(dot)}`;
    yield '=';
  }
  yield '';
}

/** The rule for a client, or undefined when none is for it. The first that is found counts, and no other. */
export function findAddressRule(rules: AddressRules, client: AddressClient): AddressRule | undefined {
  for (const address of searchedAddresses(client, rules.ipv6Bits)) {
    const rule = rules.byAddress.get(address);
    if (rule !== undefined) return rule;
  }
  return undefined;
}
