import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type Found } from '../../src/resolver/ask.ts';
import { readResolverConfiguration } from '../../src/resolver/configuration.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { addressRecord, answerTo, soa } from '../support/dns-message.ts';
import { scriptedServer } from '../support/dns-server.ts';
import { unusedPort } from '../support/unused-port.ts';

const system = nodeSystem([]);
const enoughMs = 20_000;

const preset = readResolverConfiguration([]);

function asking(
  port: number,
  own: Partial<typeof preset> = {},
  name = 'hub.example',
  leftMs = enoughMs,
): Promise<Found> {
  return ask(system, { ...preset, ...own }, name, system.monotonic() + leftMs, port);
}

/** The type that a query asks for: A or AAAA. */
function typeOf(query: Uint8Array): number {
  return query.at(-3) ?? 0;
}

const ipv4 = addressRecord(192, 0, 2, 1);
const ipv6 = addressRecord(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const both = (query: Uint8Array) => [answerTo(query, { answers: [typeOf(query) === 1 ? ipv4 : ipv6] })];

test('both families are asked for at once, with numbers and ports that change', async () => {
  const server = await scriptedServer(both);
  for (let count = 0; count < 4; count += 1)
    deepStrictEqual(await asking(server.port), {
      kind: 'addresses',
      addresses: ['192.0.2.1', '2001:db8::1'],
    });
  deepStrictEqual(server.queries.map(typeOf), [1, 28, 1, 28, 1, 28, 1, 28]);
  const ids = new Set(server.queries.map((query) => (query[0] ?? 0) * 256 + (query[1] ?? 0)));
  ok(ids.size > 6, `${ids.size} numbers`);
  strictEqual(server.ports.size, 4);
});

test('what is no answer to the question is passed over, up to a limit', async () => {
  const forged = (query: Uint8Array, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const message = answerTo(query, { answers: [addressRecord(203, 0, 113, 1)] });
      message[0] = (query[0] ?? 0) ^ (index + 1);
      return message;
    });
  const some = await scriptedServer((query) => [...forged(query, 20), ...both(query)]);
  strictEqual((await asking(some.port)).kind, 'addresses');
  const flood = await scriptedServer((query) => forged(query, 200));
  const endless = await asking(flood.port, { attempts: 1 });
  deepStrictEqual(endless, { kind: 'failed', text: '127.0.0.1: no answer' });
});

test('what does not fit is asked for over TCP', async () => {
  const many = Array.from({ length: 200 }, (_, last) => addressRecord(192, 0, 2, last));
  const server = await scriptedServer(
    (query) => [
      typeOf(query) === 1 ? answerTo(query, { truncated: true }) : answerTo(query, { authority: [soa] }),
    ],
    (query) => [answerTo(query, { answers: many })],
  );
  const found = await asking(server.port);
  strictEqual(found.kind === 'addresses' && found.addresses.length, 16);
  strictEqual(server.connections(), 1);
});

test('answers over TCP that are none, too long or broken off are failures', async () => {
  const truncated = (query: Uint8Array) => [answerTo(query, { truncated: true })];
  const replies: readonly (readonly [(query: Uint8Array) => readonly Uint8Array[], RegExp])[] = [
    [() => [], /the server closed the connection/],
    [truncated, /the answer is malformed/],
    [(query) => [answerTo(query.with(0, (query[0] ?? 0) ^ 1))], /the answer is malformed/],
    [() => [new Uint8Array(20_000)], /the answer is too long/],
  ];
  for (const [reply, says] of replies) {
    const server = await scriptedServer(truncated, reply);
    const found = await asking(server.port, { attempts: 1 });
    strictEqual(found.kind, 'failed');
    match(found.kind === 'failed' ? found.text : '', says);
  }
});

test('an address of one family is enough, and nothing certain is said of the other', async () => {
  const one = await scriptedServer((query) => (typeOf(query) === 1 ? both(query) : []));
  deepStrictEqual(await asking(one.port, { timeoutMs: 100, attempts: 1 }), {
    kind: 'addresses',
    addresses: ['192.0.2.1'],
  });
  const half = await scriptedServer((query) =>
    typeOf(query) === 1 ? [answerTo(query, { authority: [soa] })] : [],
  );
  deepStrictEqual(await asking(half.port, { timeoutMs: 100, attempts: 1 }), {
    kind: 'failed',
    text: '127.0.0.1: no answer',
  });
});

test('a name is absent when both families say so, and certainly when both know it', async () => {
  const sure = await scriptedServer((query) => [answerTo(query, { code: 3, authority: [soa] })]);
  deepStrictEqual(await asking(sure.port), { kind: 'absent', certain: true });
  const unsure = await scriptedServer((query) => [
    answerTo(query, { code: 3, authority: typeOf(query) === 1 ? [soa] : [] }),
  ]);
  deepStrictEqual(await asking(unsure.port), { kind: 'absent', certain: false });
  deepStrictEqual(await asking(unsure.port, {}, 'a..b'), { kind: 'absent', certain: true });
});

test('the next server, and the next attempt, know more', async () => {
  const late = await scriptedServer((query, index) =>
    index < 4 ? [answerTo(query, { code: 2 })] : both(query),
  );
  const servers = ['127.0.0.1', '127.0.0.2'];
  // Nobody listens at the second address.
  strictEqual((await asking(late.port, { servers, attempts: 3 })).kind, 'addresses');
  strictEqual(late.queries.length, 6);
});

test('where nobody answers, it is over in time', async () => {
  const silent = await scriptedServer(() => []);
  const found = await asking(silent.port, { timeoutMs: 60_000, attempts: 5 }, 'hub.example', 200);
  match(JSON.stringify(found), /127\.0\.0\.1: no answer/);
  deepStrictEqual(await asking(await unusedPort(), { servers: [] }), {
    kind: 'failed',
    text: 'no server was asked',
  });
  match(JSON.stringify(await asking(await unusedPort(), { attempts: 1 })), /"failed".*ECONNREFUSED/);
});
