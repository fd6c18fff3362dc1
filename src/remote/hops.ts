/**
 * To which addresses mail for a domain goes, in which order (RFC 5321 5.1): a route's relay, or the hosts of the MX
 * records, those of the same preference in random order, and without those that are no better than this host. Only what
 * DNS says for certain is final; and what a relay lacks is the administrator's to mend, not the sender's.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Resolver } from '../dns/index.ts';
import { type Answer, type ByteString, lowerAscii, printable } from '../system/index.ts';
import type { DomainPolicy, Relay } from './route.ts';
import type { Hop } from './transport.ts';

export interface HopOptions {
  readonly resolver: Resolver;
  /** Whether an address is this host's. */
  readonly isOwn: (address: string) => boolean;
  /** From 0 to less than 1. */
  readonly random: () => number;
}

export type Hops =
  | { readonly ok: true; readonly hops: readonly Hop[] }
  | { readonly ok: false; readonly answer: Answer };

/** Hosts of MX records that are looked at, and addresses that are tried. */
export const exchangesMax = 20;
export const hopsMax = 20;

const smtpPort = 25;

/** Bytes of a name in DNS (RFC 1035 2.3.4). */
const nameBytesMax = 253;

const hostNameBytes = 'abcdefghijklmnopqrstuvwxyz0123456789-._';

interface Exchange {
  readonly host: ByteString;
  readonly priority: number;
}

type Exchanges = readonly Exchange[] | Answer;

function never(text: ByteString): Answer {
  return { verdict: 'D', text: `Sorry, ${text}\n` };
}

function notNow(text: ByteString): Answer {
  return { verdict: 'Z', text: `${text}\n` };
}

/** A domain in the form that DNS knows: of bytes over 127 the form of RFC 5891. Empty when there is none. */
function dnsName(domain: ByteString): ByteString {
  const isAscii = ![...domain].some((char) => char.charCodeAt(0) > 127);
  return isAscii ? domain : domainToASCII(Buffer.from(domain, 'latin1').toString('utf8'));
}

/** What DNS can have a mail host for. Whoever wrote the address may have written anything. */
function isHostName(name: ByteString): boolean {
  return (
    name !== '' &&
    name.length <= nameBytesMax &&
    [...lowerAscii(name)].every((char) => hostNameBytes.includes(char))
  );
}

/** The address of [1.2.3.4] or [IPv6:1::2]; undefined for what is no literal. */
export function literalAddress(domain: ByteString): string | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return undefined;
  const inner = domain.slice(1, -1);
  const address = lowerAscii(inner).startsWith('ipv6:') ? inner.slice('ipv6:'.length) : inner;
  return isIP(address) === 0 ? undefined : address;
}

/** The relay of a route. */
export async function hopsOfRelay({ host, port }: Relay, { resolver }: HopOptions): Promise<Hops> {
  if (isIP(host) !== 0) return { ok: true, hops: [{ host, address: host, port }] };
  const found = await resolver.addresses(host);
  if (found.kind !== 'found') {
    const why =
      found.kind === 'failed' ? `DNS does not answer (${found.reason})` : 'DNS knows no address of it';
    return { ok: false, answer: notNow(`Unable to find the relay ${printable(host)}: ${why}. (#4.4.3)`) };
  }
  return { ok: true, hops: found.records.slice(0, hopsMax).map((address) => ({ host, address, port })) };
}

/** In the order in which they are to be tried. */
function sorted(exchanges: readonly Exchange[], random: () => number): readonly Exchange[] {
  return exchanges
    .map((exchange) => ({ exchange, key: random() }))
    .sort((one, other) => one.exchange.priority - other.exchange.priority || one.key - other.key)
    .map(({ exchange }) => exchange);
}

async function exchangesOf(domain: ByteString, name: ByteString, resolver: Resolver): Promise<Exchanges> {
  const found = await resolver.mx(name);
  switch (found.kind) {
    case 'noSuchName':
      return never(`I couldn't find any host named ${printable(domain)}. (#5.1.2)`);
    case 'failed':
      return notNow(`DNS does not say where mail for ${printable(domain)} goes (${found.reason}). (#4.4.3)`);
    case 'nothing':
      return [{ host: name, priority: 0 }];
    case 'found': {
      const [first] = found.records;
      if (found.records.length === 1 && first?.exchange === '')
        return never(`${printable(domain)} does not accept mail. (#5.1.10)`);
      return found.records.map(({ exchange, priority }) => ({ host: exchange, priority }));
    }
  }
}

/** What the MX records of a domain say, or the domain itself when it has none. */
export async function hopsOfDomain(
  domain: ByteString,
  policy: DomainPolicy | undefined,
  { resolver, isOwn, random }: HopOptions,
): Promise<Hops> {
  const answered = (answer: Answer): Hops => ({ ok: false, answer });
  const toSelf = () =>
    answered(
      never(
        `this host is the best mail host of ${printable(domain)}, but ${printable(domain)} is not local here. (#5.4.6)`,
      ),
    );
  const literal = literalAddress(domain);
  if (literal !== undefined) {
    if (isOwn(literal)) return toSelf();
    return { ok: true, hops: [{ host: literal, address: literal, port: smtpPort }] };
  }
  const name = dnsName(domain);
  if (!isHostName(name)) return answered(never(`there can be no host named ${printable(domain)}. (#5.1.2)`));
  const exchanges = await exchangesOf(domain, name, resolver);
  if ('verdict' in exchanges) return answered(exchanges);
  const allowed = exchanges.filter(({ host }) => policy?.allows(host) ?? true);
  if (allowed.length === 0) {
    return answered(
      notNow(
        `The policy of ${printable(domain)} allows none of the hosts that its MX records name. (#4.7.5)`,
      ),
    );
  }
  const ordered = sorted(allowed, random).slice(0, exchangesMax);
  const lookups = await Promise.all(ordered.map(({ host }) => resolver.addresses(host)));
  // Those that are not looked at could be reached.
  let failure = ordered.length < allowed.length ? `there are ${allowed.length}` : undefined;
  let ownPriority = Number.POSITIVE_INFINITY;
  const found: { readonly hop: Hop; readonly priority: number }[] = [];
  for (const [index, { host, priority }] of ordered.entries()) {
    const lookup = lookups[index];
    if (lookup?.kind === 'failed') failure = lookup.reason;
    if (lookup?.kind !== 'found') continue;
    if (lookup.records.some(isOwn)) ownPriority = Math.min(ownPriority, priority);
    for (const address of lookup.records) found.push({ hop: { host, address, port: smtpPort }, priority });
  }
  const hops = found.filter(({ priority }) => priority < ownPriority).map(({ hop }) => hop);
  if (hops.length > 0) return { ok: true, hops: hops.slice(0, hopsMax) };
  if (failure !== undefined) {
    return answered(
      notNow(`DNS does not say where the mail hosts of ${printable(domain)} are (${failure}). (#4.4.3)`),
    );
  }
  if (found.length > 0) return toSelf();
  return answered(never(`none of the mail hosts of ${printable(domain)} has an address. (#5.4.4)`));
}
