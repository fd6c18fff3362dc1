/** How names are looked up: /etc/resolv.conf, by resolv.conf(5), within limits. What it says beyond that is passed over. */
import { type ByteString, consistsOf, lowerAscii, parseIpv4, parseIpv6 } from '../system/index.ts';

export interface ResolverConfiguration {
  /** Addresses of name servers, in the order in which they are asked. */
  readonly servers: readonly ByteString[];
  /** Domains that are tried behind a name. */
  readonly search: readonly ByteString[];
  /** A name with so many dots is tried as it is before any of them. */
  readonly dotsMin: number;
  /** For each server and each attempt. */
  readonly timeoutMs: number;
  readonly attempts: number;
}

/** Those of resolv.conf(5). */
export const resolverLimits = {
  servers: 3,
  searchDomains: 6,
  dots: 15,
  timeoutSeconds: 30,
  attempts: 5,
} as const;

const presets = { ndots: 1, timeout: 5, attempts: 2 };

/** Where nothing is said, a server on this host is asked. */
const serverPreset = '127.0.0.1';

function wordsOf(line: ByteString): readonly ByteString[] {
  return line
    .replaceAll('\t', ' ')
    .replaceAll('\r', ' ')
    .split(' ')
    .filter((word) => word !== '');
}

const numberDigitsMax = 6;

/** `value` within bounds; undefined when it is no number. */
function numberWithin(value: ByteString, min: number, max: number): number | undefined {
  if (!consistsOf(value, '0123456789') || value.length > numberDigitsMax) return undefined;
  return Math.min(Math.max(Number(value), min), max);
}

/** A name without the dot at its end, in lower case. */
export function plainName(name: ByteString): ByteString {
  return lowerAscii(name.endsWith('.') ? name.slice(0, -1) : name);
}

export function readResolverConfiguration(lines: Iterable<ByteString>): ResolverConfiguration {
  const servers: ByteString[] = [];
  let search: readonly ByteString[] = [];
  const options = { ...presets };
  for (const line of lines) {
    if (line.startsWith('#') || line.startsWith(';')) continue;
    const [keyword, ...values] = wordsOf(line);
    if (keyword === 'nameserver') {
      const address = parseIpv4(values[0] ?? '') ?? parseIpv6(values[0] ?? '');
      if (address !== undefined && servers.length < resolverLimits.servers) servers.push(address);
    } else if (keyword === 'domain' || keyword === 'search') {
      // The last line of either kind counts.
      const named = keyword === 'domain' ? values.slice(0, 1) : values;
      search = named
        .map(plainName)
        .filter((domain) => domain !== '')
        .slice(0, resolverLimits.searchDomains);
    } else if (keyword === 'options') {
      for (const value of values) {
        const colon = value.indexOf(':');
        const [name, text] = [value.slice(0, Math.max(colon, 0)), value.slice(colon + 1)];
        if (name === 'ndots') options.ndots = numberWithin(text, 0, resolverLimits.dots) ?? options.ndots;
        else if (name === 'timeout')
          options.timeout = numberWithin(text, 1, resolverLimits.timeoutSeconds) ?? options.timeout;
        else if (name === 'attempts')
          options.attempts = numberWithin(text, 1, resolverLimits.attempts) ?? options.attempts;
      }
    }
  }
  return {
    servers: servers.length === 0 ? [serverPreset] : servers,
    search,
    dotsMin: options.ndots,
    timeoutMs: options.timeout * 1000,
    attempts: options.attempts,
  };
}

/** The full names that a name may stand for, in the order in which they are asked for. resolv.conf(5), hostname(7). */
export function candidates(
  name: ByteString,
  { search, dotsMin }: ResolverConfiguration,
): readonly ByteString[] {
  const plain = plainName(name);
  if (name.endsWith('.')) return [plain];
  const longer = search.map((domain) => `${plain}.${domain}`);
  return name.split('.').length - 1 >= dotsMin ? [plain, ...longer] : [...longer, plain];
}
