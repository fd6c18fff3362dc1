/**
 * Looks an address up in lists in DNS, one after the other (RFC 5782): the first that knows it decides. An address is on a
 * list when it has an A record there in 127.0.0.0/8; the TXT record says why.
 */
import { type ByteString, errorCode, printable } from '../../system/index.ts';
import type { ListResolver } from './list-resolver.ts';
import { zoneName } from './zone-name.ts';

export interface ListSource {
  /** `allow`: who is on it is not blocked. */
  readonly kind: 'block' | 'allow';
  readonly zone: ByteString;
  /** What a client on it is told, with %IP% for its address; what the list says without it. */
  readonly text?: ByteString | undefined;
}

export type ListVerdict =
  | { readonly kind: 'free' }
  /** `certain`: false when a list could not be asked, and that counts as a listing. */
  | { readonly kind: 'blocked'; readonly text: ByteString; readonly certain: boolean };

export interface BlockListsOptions {
  readonly sources: readonly ListSource[];
  readonly resolver: ListResolver;
  /** What a failure of DNS means: by default that nobody is blocked for it. */
  readonly failClosed?: boolean;
  /** Takes one line without its line end, when a list cannot be asked. */
  log?(line: string): void;
}

const free: ListVerdict = { kind: 'free' };

const textShownMax = 200;

const listedPrefix = '127.';

/** ZONE[:TEXT] */
export function parseListSource(text: ByteString, kind: ListSource['kind']): ListSource {
  const colon = text.indexOf(':');
  const zone = colon < 0 ? text : text.slice(0, colon);
  return { kind, zone, ...(colon < 0 ? {} : { text: text.slice(colon + 1) }) };
}

/** Answers what is known of an address. Never rejects. */
export function createBlockLists(options: BlockListsOptions): (ip: ByteString) => Promise<ListVerdict> {
  const { sources, resolver, failClosed = false, log = () => undefined } = options;

  async function reason(source: ListSource, name: ByteString, ip: ByteString): Promise<ByteString> {
    if (source.text !== undefined) return source.text.replaceAll('%IP%', ip);
    const [said] = await resolver.texts(name).catch(() => []);
    return printable(said ?? `${ip} is on the list ${source.zone}`, textShownMax);
  }

  /** Undefined: this list does not know it. */
  async function ask(source: ListSource, ip: ByteString): Promise<ListVerdict | undefined> {
    const name = zoneName(ip, source.zone);
    if (name === undefined) return undefined;
    let isListed: boolean;
    try {
      isListed = (await resolver.addresses(name)).some((address) => address.startsWith(listedPrefix));
    } catch (error) {
      log(`warning: the list ${source.zone} cannot be asked: ${errorCode(error)}`);
      if (source.kind === 'allow') return failClosed ? undefined : free;
      if (!failClosed) return undefined;
      return { kind: 'blocked', text: `the list ${source.zone} cannot be asked now`, certain: false };
    }
    if (!isListed) return undefined;
    if (source.kind === 'allow') return free;
    return { kind: 'blocked', text: await reason(source, name, ip), certain: true };
  }

  return async (ip) => {
    for (const source of sources) {
      const verdict = await ask(source, ip);
      if (verdict !== undefined) return verdict;
    }
    return free;
  };
}
