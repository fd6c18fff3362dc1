import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ResolverPlace, resolveName } from '../../src/resolver/resolver.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { addressRecord, answerTo, nameBytes, soa } from '../support/dns-message.ts';
import { scriptedServer, startDnsmasq } from '../support/dns-server.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { unusedPort } from '../support/unused-port.ts';

const system = nodeSystem([]);

function placeOf(port: number, configuration = '', hosts?: string): ResolverPlace {
  const directory = temporaryDirectory();
  const [hostsFile, configurationFile] = [`${directory}/hosts`, `${directory}/resolv.conf`];
  if (hosts !== undefined) writeFileSync(hostsFile, hosts);
  writeFileSync(configurationFile, configuration);
  return { ...system, hostsFile, configurationFile, port };
}

const nobody = await unusedPort();

/** A server that knows this name and no other. */
const knowing = (name: string) =>
  scriptedServer((query) => {
    const isKnown = Buffer.from(query).includes(Buffer.from(nameBytes(name)));
    const answers = isKnown ? [addressRecord(192, 0, 2, 1)] : [];
    return [answerTo(query, { answers, authority: [soa], code: isKnown ? 0 : 3 })];
  });

test('an address answers itself, and no file is read for it', async () => {
  const place = { ...system, files: { ...system.files, open: () => Promise.reject() as never } };
  deepStrictEqual(await resolveName(place, '010.0.0.1'), ['10.0.0.1']);
  deepStrictEqual(await resolveName(place, '2001:DB8::1'), ['2001:db8::1']);
});

test('/etc/hosts comes first, and this host is known without it', async () => {
  const place = placeOf(nobody, '', '192.0.2.7 Hub.Example\n::1 localhost\n');
  deepStrictEqual(await resolveName(place, 'hub.example.'), ['192.0.2.7']);
  deepStrictEqual(await resolveName(place, 'LOCALHOST'), ['::1']);
  deepStrictEqual(await resolveName(placeOf(nobody), 'localhost'), ['127.0.0.1', '::1']);
  deepStrictEqual(await resolveName(placeOf(nobody), 'a.localhost'), ['127.0.0.1', '::1']);
});

test('the search list completes a name', async () => {
  const server = await knowing('hub.b.example');
  const place = placeOf(server.port, 'search a.example b.example\n');
  deepStrictEqual(await resolveName(place, 'hub'), ['192.0.2.1']);
  await rejects(resolveName(place, 'hub.'), { code: 'ENOTFOUND' });
  await rejects(resolveName(place, 'other'), { code: 'ENOTFOUND', message: 'other: no such host name' });
});

test('a server that cannot say now ends the search: what comes next may be another host', async () => {
  const server = await scriptedServer((query) => {
    const isFirst = Buffer.from(query).includes(Buffer.from(nameBytes('hub.a.example')));
    return [answerTo(query, isFirst ? { code: 2 } : { answers: [addressRecord(192, 0, 2, 1)] })];
  });
  const place = placeOf(server.port, 'search a.example\noptions attempts:1\n');
  await rejects(resolveName(place, 'hub'), {
    code: 'EAI_AGAIN',
    message: /^hub\.a\.example: 127\.0\.0\.1: the server failed$/,
  });
});

test('whatever else fails is for now', async () => {
  await rejects(resolveName(placeOf(nobody), 'hub.example'), { code: 'EAI_AGAIN' });
  const vague = await scriptedServer((query) => [answerTo(query, { code: 3 })]);
  await rejects(resolveName(placeOf(vague.port), 'hub.example'), {
    code: 'EAI_AGAIN',
    message: /nobody with authority/,
  });
  const place = placeOf(nobody);
  mkdirSync(place.hostsFile ?? '');
  await rejects(resolveName(place, 'hub.example'), { code: 'EAI_AGAIN', message: /EISDIR/ });
  await rejects(resolveName(placeOf(nobody, 'x'.repeat(100_000)), 'hub.example'), {
    code: 'EAI_AGAIN',
    message: /more than/,
  });
});

test('dnsmasq answers', needs('dnsmasq'), async () => {
  const many = Array.from({ length: 60 }, (_, last) => `--host-record=many.example,192.0.2.${last}`);
  const port = await startDnsmasq([
    '--host-record=hub.example,192.0.2.1,2001:db8::1',
    '--host-record=six.example,2001:db8::6',
    '--cname=alias.example,hub.example',
    '--auth-zone=example',
    '--auth-server=ns.example,127.0.0.1',
    ...many,
  ]);
  const place = placeOf(port, 'search example\noptions attempts:1\n');
  deepStrictEqual(await resolveName(place, 'hub'), ['192.0.2.1', '2001:db8::1']);
  deepStrictEqual(await resolveName(place, 'Alias.Example'), ['192.0.2.1', '2001:db8::1']);
  deepStrictEqual(await resolveName(place, 'six.example'), ['2001:db8::6']);
  // They fit into no datagram.
  strictEqual((await resolveName(place, 'many.example')).length, 16);
  await rejects(resolveName(place, 'none.example.'), { code: 'ENOTFOUND' });
  await rejects(resolveName(place, 'elsewhere.test.'), { code: 'EAI_AGAIN', message: /refused to answer/ });
  // One that knows no more than its own list has no authority.
  const local = placeOf(await startDnsmasq(['--local=/example/']));
  await rejects(resolveName(local, 'none.example'), (error) => {
    match(String(error), /nobody with authority/);
    return true;
  });
});
