/**
 * What MTA-STS (RFC 8461) says of a domain, for those who send to it. The record is looked at every few minutes, and the
 * policy fetched when its id has changed or it is about to end. What cannot be found out now is what was known before, for as
 * long as that holds; a policy that only tests, or says none, demands nothing.
 */
import { type ByteString, errorText, printable } from '../../system/index.ts';
import type { DomainPolicy, FindDomainPolicy } from '../route.ts';
import { parseStsPolicy, type StsPolicy, stsAllows, stsId } from './policy.ts';
import type { PolicyStore } from './policy-store.ts';

/** How long an answer is believed. */
export const stsCheckMs = 300_000;

/** Domains whose answers are remembered. */
export const stsDomainsMax = 1000;

export interface StsWorld {
  /** The TXT records of a name, none when there are none. Rejects when DNS does not say. */
  records(name: ByteString): Promise<readonly ByteString[]>;
  /** The text of the domain's policy. Rejects when it cannot be had now. */
  fetch(domain: ByteString): Promise<ByteString>;
  readonly store: PolicyStore;
  readonly now: () => number;
  /** Takes one line without its line end. */
  readonly log: (line: string) => void;
}

interface Found {
  readonly atMs: number;
  readonly policy: Promise<DomainPolicy | undefined>;
}

function demands(policy: StsPolicy | undefined): DomainPolicy | undefined {
  if (policy?.mode !== 'enforce') return undefined;
  return { tls: 'verify', allows: (host) => stsAllows(policy, host) };
}

/** Fails to find out what it would rather know, and goes on with what it has. */
async function look(domain: ByteString, world: StsWorld): Promise<StsPolicy | undefined> {
  const { store, log, now } = world;
  const nowMs = now();
  let kept: ReturnType<PolicyStore['read']>;
  const warn = (what: string, error: unknown) =>
    log(`warning: mta-sts: ${printable(domain, 255)}: ${what}: ${printable(errorText(error), 300)}`);
  try {
    kept = store.read(domain, nowMs);
  } catch (error) {
    warn('unable to read its policy', error);
  }
  let id: ByteString | undefined;
  try {
    id = stsId(await world.records(`_mta-sts.${domain}`));
  } catch {
    // DNS does not say; MX records will hardly be found then either.
    return kept?.policy;
  }
  if (id === undefined) return kept?.policy;
  const isAged = kept !== undefined && nowMs - kept.fetchedMs > (kept.policy.maxAgeSeconds * 1000) / 2;
  if (kept?.id === id && !isAged) return kept.policy;
  try {
    const text = await world.fetch(domain);
    const policy = parseStsPolicy(text);
    if (policy === undefined) throw new Error('what is there is no policy');
    try {
      store.write(domain, { id, fetchedMs: nowMs, text });
    } catch (error) {
      warn('unable to keep its policy', error);
    }
    return policy;
  } catch (error) {
    warn('unable to fetch its policy', error);
    return kept?.policy;
  }
}

/** `isDomain`: whether there may be such a domain; of others nothing is asked. */
export function createStsFinder(world: StsWorld, isDomain: (name: ByteString) => boolean): FindDomainPolicy {
  const found = new Map<ByteString, Found>();
  return (given) => {
    const domain = given.toLowerCase();
    if (!isDomain(domain)) return Promise.resolve(undefined);
    const nowMs = world.now();
    const known = found.get(domain);
    if (known !== undefined && nowMs - known.atMs < stsCheckMs) return known.policy;
    const policy = look(domain, world).then(demands);
    found.delete(domain);
    found.set(domain, { atMs: nowMs, policy });
    const [oldest] = found.keys();
    if (found.size > stsDomainsMax && oldest !== undefined) found.delete(oldest);
    return policy;
  };
}
