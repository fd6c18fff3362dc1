/** Questions to DNS, and what their answers mean: that a name has nothing, or is none, is not that nobody answered. */
import { Resolver as NodeResolver } from 'node:dns/promises';
import type { ByteString } from '../system/index.ts';
import { byteStringOf, errorCode } from '../system/index.ts';

export type Lookup<Record> =
  | { readonly kind: 'found'; readonly records: readonly Record[] }
  /** The name is there, and has no such records. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'noSuchName' }
  /** Nobody knows now. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface MxRecord {
  /** Empty for the root: a domain that takes no mail (RFC 7505). */
  readonly exchange: ByteString;
  readonly priority: number;
}

export interface Resolver {
  mx(name: ByteString): Promise<Lookup<MxRecord>>;
  /** IPv4 addresses, and then IPv6. */
  addresses(name: ByteString): Promise<Lookup<string>>;
}

export interface TextResolver extends Resolver {
  /** IPv4 addresses alone. */
  ipv4Addresses(name: ByteString): Promise<Lookup<string>>;
  /** TXT records, each in one piece; none where there are none. Rejects when DNS does not say. */
  texts(name: ByteString): Promise<readonly ByteString[]>;
}

/** How long one question may go unanswered, and how often it is asked, unless somebody waits who has less time. */
export const questionMs = 5_000;
export const questionTries = 3;

export interface ResolverOptions {
  /** ADDRESS or ADDRESS:PORT, in place of those of /etc/resolv.conf. */
  readonly servers?: readonly string[] | undefined;
  readonly questionMs?: number;
  readonly questionTries?: number;
}

/** Records of one answer that are looked at. */
export const recordsMax = 100;

async function lookUp<Record>(ask: () => Promise<Record[]>): Promise<Lookup<Record>> {
  try {
    const records = await ask();
    return records.length === 0
      ? { kind: 'nothing' }
      : { kind: 'found', records: records.slice(0, recordsMax) };
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENODATA':
        return { kind: 'nothing' };
      case 'ENOTFOUND':
        return { kind: 'noSuchName' };
      default:
        return { kind: 'failed', reason: errorCode(error) || String(error) };
    }
  }
}

/** What is known of a name by two questions. */
function together(one: Lookup<string>, other: Lookup<string>): Lookup<string> {
  const records = [one, other].flatMap((lookup) => (lookup.kind === 'found' ? lookup.records : []));
  if (records.length > 0) return { kind: 'found', records };
  if (one.kind === 'failed') return one;
  if (other.kind === 'failed') return other;
  return one.kind === 'nothing' ? one : other;
}

/** None, where there are none. Throws when nobody knows now. */
export function recordsOf<Record>(lookup: Lookup<Record>): readonly Record[] {
  if (lookup.kind === 'failed') throw new Error(lookup.reason);
  return lookup.kind === 'found' ? lookup.records : [];
}

export function createResolver(options: ResolverOptions = {}): TextResolver {
  const { servers } = options;
  const dns = new NodeResolver({
    timeout: options.questionMs ?? questionMs,
    tries: options.questionTries ?? questionTries,
  });
  if (servers !== undefined) dns.setServers(servers);
  const ipv4Addresses = (name: ByteString) => lookUp(() => dns.resolve4(name));
  return {
    ipv4Addresses,
    mx: (name) =>
      lookUp(async () => {
        const records = await dns.resolveMx(name);
        return records.map(({ exchange, priority }) => ({ exchange, priority }));
      }),
    async texts(name) {
      const records = recordsOf(await lookUp(() => dns.resolveTxt(name)));
      return records.map((strings) => byteStringOf(strings.join('')));
    },
    addresses: async (name) =>
      together(...(await Promise.all([ipv4Addresses(name), lookUp(() => dns.resolve6(name))]))),
  };
}
