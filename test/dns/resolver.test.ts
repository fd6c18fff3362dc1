import { deepStrictEqual, ok, rejects, strictEqual, throws } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createResolver, recordsMax, recordsOf, type TextResolver } from '../../src/dns/index.ts';
import { type DnsRecord, type DnsZone, startDnsServer } from '../support/mail-dns.ts';

async function resolverOf(
  context: TestContext,
  zone: DnsZone,
): Promise<TextResolver & { asked: readonly string[] }> {
  const { address, asked } = await startDnsServer(context, zone);
  return { ...createResolver({ servers: [address] }), asked };
}

function host(address: string): readonly DnsRecord[] {
  return [{ type: 'A', address }];
}

test('what is there, what has nothing, what is not there, and what nobody knows', async (context) => {
  const { mx, addresses } = await resolverOf(context, {
    'd.test': [{ type: 'MX', priority: 10, exchange: 'a.test' }],
    'a.test': host('192.0.2.1'),
    'null.test': [{ type: 'MX', priority: 0, exchange: '' }],
    'broken.test': 'servfail',
    'closed.test': 'refused',
  });
  deepStrictEqual(await mx('d.test'), { kind: 'found', records: [{ exchange: 'a.test', priority: 10 }] });
  deepStrictEqual(await mx('null.test'), { kind: 'found', records: [{ exchange: '', priority: 0 }] });
  deepStrictEqual(await addresses('a.test'), { kind: 'found', records: ['192.0.2.1'] });
  for (const look of [mx, addresses]) {
    deepStrictEqual(await look('none.test'), { kind: 'noSuchName' });
    strictEqual((await look('broken.test')).kind, 'failed');
    strictEqual((await look('closed.test')).kind, 'failed');
  }
  deepStrictEqual(await mx('a.test'), { kind: 'nothing' });
  deepStrictEqual(await addresses('d.test'), { kind: 'nothing' });
});

test('resolver failure taken for "no such domain": without a server nothing is known', async () => {
  const { mx, addresses } = createResolver({ servers: ['127.0.0.1:9'] });
  strictEqual((await mx('d.test')).kind, 'failed');
  strictEqual((await addresses('d.test')).kind, 'failed');
});

test('DNS answers over 512 bytes are read to their end', async (context) => {
  const exchange = (index: number) => `a-host-with-a-rather-long-name-${index}.mail.example.test`;
  const { mx, addresses, asked } = await resolverOf(context, {
    'd.test': Array.from({ length: 40 }, (_, index) => ({
      type: 'MX',
      priority: index,
      exchange: exchange(index),
    })),
    'a.test': Array.from({ length: 60 }, (_, index) => ({ type: 'A', address: `192.0.2.${index}` })),
  });
  const found = await mx('d.test');
  ok(found.kind === 'found' && found.records.length === 40);
  const hosts = await addresses('a.test');
  ok(hosts.kind === 'found' && hosts.records.length === 60);
  ok(asked.some((question) => question === 'd.test MX tcp'));
});

test('an answer of very many records is cut', async (context) => {
  const many = Array.from({ length: 500 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).flatMap(host);
  const { addresses } = await resolverOf(context, { 'a.test': many });
  const found = await addresses('a.test');
  ok(found.kind === 'found' && found.records.length === recordsMax);
});

test('CNAME: a domain and a mail host may be other names of something else', async (context) => {
  const { mx, addresses } = await resolverOf(context, {
    'alias.test': [{ type: 'CNAME', target: 'd.test' }],
    'd.test': [{ type: 'MX', priority: 5, exchange: 'mx.test' }],
    'mx.test': [{ type: 'CNAME', target: 'real.test' }],
    'real.test': host('192.0.2.7'),
    'nowhere.test': [{ type: 'CNAME', target: 'none.test' }],
    'empty.test': [{ type: 'CNAME', target: 'real.test' }],
  });
  deepStrictEqual(await mx('alias.test'), { kind: 'found', records: [{ exchange: 'mx.test', priority: 5 }] });
  deepStrictEqual(await addresses('mx.test'), { kind: 'found', records: ['192.0.2.7'] });
  strictEqual((await mx('nowhere.test')).kind, 'noSuchName');
  deepStrictEqual(await mx('empty.test'), { kind: 'nothing' });
});

test('IPv4 addresses alone, and records without the reason why there are none', async (context) => {
  const { ipv4Addresses, texts, asked } = await resolverOf(context, {
    'a.test': host('192.0.2.1'),
    't.test': [{ type: 'TXT', strings: ['one ', 'text'] }],
    'broken.test': 'servfail',
  });
  deepStrictEqual(recordsOf(await ipv4Addresses('a.test')), ['192.0.2.1']);
  deepStrictEqual(
    asked.filter((question) => question.includes('AAAA')),
    [],
  );
  for (const name of ['t.test', 'none.test']) deepStrictEqual(recordsOf(await ipv4Addresses(name)), []);
  deepStrictEqual(await texts('t.test'), ['one text']);
  deepStrictEqual(await texts('a.test'), []);
  const failed = await ipv4Addresses('broken.test');
  throws(() => recordsOf(failed), /SERVFAIL/);
  await rejects(texts('broken.test'), /SERVFAIL/);
});
