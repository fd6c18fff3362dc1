import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Lookup, MxRecord, Resolver } from '../../src/dns/index.ts';
import {
  exchangesMax,
  type Hops,
  hopsMax,
  hopsOfDomain,
  hopsOfRelay,
  literalAddress,
} from '../../src/remote/hops.ts';
import type { DomainPolicy } from '../../src/remote/index.ts';

type Zone<Record> = Readonly<Record_<Record>>;
type Record_<Value> = { [name: string]: readonly Value[] | Lookup<Value> };

function answer<Value>(zone: Zone<Value>, name: string): Lookup<Value> {
  const found = Object.hasOwn(zone, name) ? zone[name] : undefined;
  if (found === undefined) return { kind: 'noSuchName' };
  return 'kind' in found ? found : { kind: 'found', records: found };
}

function dns(mx: Zone<MxRecord>, addresses: Zone<string>): Resolver {
  return {
    mx: async (name) => answer(mx, name),
    addresses: async (name) => answer(addresses, name),
  };
}

function mx(...hosts: readonly string[]): readonly MxRecord[] {
  return hosts.map((text) => {
    const [priority = '', exchange = ''] = text.split(' ');
    return { priority: Number(priority), exchange };
  });
}

function options(resolver: Resolver, own: readonly string[] = []) {
  let seed = 0;
  const random = () => {
    seed = (seed * 16_807 + 11) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  return { resolver, isOwn: (address: string) => own.includes(address), random };
}

async function find(resolver: Resolver, own: readonly string[] = [], policy?: DomainPolicy): Promise<string> {
  return text(await hopsOfDomain('d.test', policy, options(resolver, own)));
}

function text(hops: Hops): string {
  if (!hops.ok) return `${hops.answer.verdict} ${hops.answer.text}`;
  return hops.hops.map(({ host, address, port }) => `${host} ${address} ${port}`).join(', ');
}

const nothing = { kind: 'nothing' } as const;
const failed = { kind: 'failed', reason: 'ESERVFAIL' } as const;

test('hosts come in the order of their preference, with all their addresses', async () => {
  const resolver = dns(
    { 'd.test': mx('20 b', '10 a') },
    { a: ['192.0.2.1', '2001:db8::1'], b: ['192.0.2.2'] },
  );
  strictEqual(await find(resolver), 'a 192.0.2.1 25, a 2001:db8::1 25, b 192.0.2.2 25');
});

test('hosts of the same preference come in any order', async () => {
  const resolver = dns({ 'd.test': mx('10 a', '10 b', '20 c') }, { a: ['1'], b: ['2'], c: ['3'] });
  const { random, ...rest } = options(resolver);
  const seen = new Set<string>();
  for (let time = 0; time < 50; time += 1)
    seen.add(text(await hopsOfDomain('d.test', undefined, { ...rest, random })));
  deepStrictEqual([...seen].sort(), ['a 1 25, b 2 25, c 3 25', 'b 2 25, a 1 25, c 3 25']);
});

test('without MX records the domain itself is the host', async () => {
  strictEqual(await find(dns({ 'd.test': nothing }, { 'd.test': ['192.0.2.1'] })), 'd.test 192.0.2.1 25');
});

test('only what DNS says for certain is final', async () => {
  match(await find(dns({}, {})), /^D .*couldn't find any host named d\.test\. \(#5\.1\.2\)/);
  match(await find(dns({ 'd.test': failed }, {})), /^Z .*ESERVFAIL.*\(#4\.4\.3\)/);
  match(await find(dns({ 'd.test': nothing }, { 'd.test': failed })), /^Z .*\(#4\.4\.3\)/);
  match(await find(dns({ 'd.test': nothing }, { 'd.test': nothing })), /^D .*\(#5\.4\.4\)/);
  match(await find(dns({ 'd.test': mx('10 a') }, {})), /^D .*\(#5\.4\.4\)/);
  match(await find(dns({ 'd.test': mx('10 a', '20 b') }, { b: failed })), /^Z .*\(#4\.4\.3\)/);
});

test('a host that cannot be looked up now does not keep the others', async () => {
  strictEqual(
    await find(dns({ 'd.test': mx('10 a', '20 b') }, { a: failed, b: ['192.0.2.2'] })),
    'b 192.0.2.2 25',
  );
});

test('null MX (RFC 7505): the domain takes no mail', async () => {
  match(
    await find(dns({ 'd.test': mx('0 ') }, { 'd.test': ['192.0.2.1'] })),
    /^D .*does not accept mail\. \(#5\.1\.10\)/,
  );
});

test('mail does not go to this host, nor to hosts that are no better', async () => {
  const addresses = { a: ['192.0.2.1'], us: ['192.0.2.9'], b: ['192.0.2.2'] };
  const of = (...hosts: readonly string[]) => find(dns({ 'd.test': mx(...hosts) }, addresses), ['192.0.2.9']);
  strictEqual(await of('10 a', '20 us', '30 b'), 'a 192.0.2.1 25');
  strictEqual(await of('10 a', '20 us', '20 b'), 'a 192.0.2.1 25');
  match(await of('10 us', '20 b'), /^D .*best mail host of d\.test.*\(#5\.4\.6\)/);
  match(await of('10 us', '10 a'), /^D .*\(#5\.4\.6\)/);
  match(
    await find(dns({ 'd.test': nothing }, { 'd.test': ['192.0.2.9'] }), ['192.0.2.9']),
    /^D .*\(#5\.4\.6\)/,
  );
});

test('address literals are their addresses', async () => {
  const of = async (domain: string) =>
    text(await hopsOfDomain(domain, undefined, options(dns({}, {}), ['192.0.2.9'])));
  strictEqual(await of('[192.0.2.1]'), '192.0.2.1 192.0.2.1 25');
  strictEqual(await of('[IPv6:2001:db8::1]'), '2001:db8::1 2001:db8::1 25');
  match(await of('[192.0.2.9]'), /^D .*\(#5\.4\.6\)/);
  for (const domain of [
    '[192.0.2.1',
    '[]',
    '[x]',
    '[IPv6:]',
    'a b',
    'a\n',
    '',
    'a/b',
    `${'a.'.repeat(130)}b`,
  ]) {
    match(await of(domain), /^D .*there can be no host.*\(#5\.1\.2\)/, domain);
  }
  strictEqual(literalAddress('192.0.2.1'), undefined);
});

test('a domain beyond ASCII is looked up in its form for DNS', async () => {
  const resolver = dns({ 'xn--bcher-kva.test': mx('10 a') }, { a: ['192.0.2.1'] });
  strictEqual(text(await hopsOfDomain('b\xc3\xbccher.test', undefined, options(resolver))), 'a 192.0.2.1 25');
});

test('a policy keeps mail from hosts that it does not name', async () => {
  const resolver = dns({ 'd.test': mx('10 a', '20 b') }, { a: ['192.0.2.1'], b: ['192.0.2.2'] });
  const only = (host: string): DomainPolicy => ({ tls: 'verify', allows: (name) => name === host });
  strictEqual(await find(resolver, [], only('b')), 'b 192.0.2.2 25');
  match(await find(resolver, [], only('c')), /^Z .*policy.*\(#4\.7\.5\)/);
});

test('nobody makes this host try without end', async () => {
  const hosts = Array.from({ length: 500 }, (_, index) => `${index} h${index}`);
  const addresses = Object.fromEntries(hosts.map((_, index) => [`h${index}`, ['1', '2', '3']]));
  let asked = 0;
  const resolver = dns({ 'd.test': mx(...hosts) }, addresses);
  const counting = {
    ...resolver,
    addresses: (name: string) => {
      asked += 1;
      return resolver.addresses(name);
    },
  };
  const hops = await hopsOfDomain('d.test', undefined, options(counting));
  ok(hops.ok && hops.hops.length === hopsMax);
  const unreachable = dns({ 'd.test': mx(...hosts) }, {});
  match(await find(unreachable), /^Z .*there are 500/);
  strictEqual(asked, exchangesMax);
});

test('a relay is looked up, and what is wrong with it is not the fault of a message', async () => {
  const resolver = dns({}, { relay: ['192.0.2.1', '2001:db8::1'], bad: failed });
  const of = async (host: string) => text(await hopsOfRelay({ host, port: 26 }, options(resolver)));
  strictEqual(await of('relay'), 'relay 192.0.2.1 26, relay 2001:db8::1 26');
  strictEqual(await of('2001:db8::9'), '2001:db8::9 2001:db8::9 26');
  match(await of('none'), /^Z .*DNS knows no address of it\. \(#4\.4\.3\)/);
  match(await of('bad'), /^Z .*ESERVFAIL/);
});
