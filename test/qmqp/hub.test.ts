import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { hubText, parseHub, parseHubs, parsePin } from '../../qmqp/index.ts';

test('addresses, names and ports', () => {
  const cases: Readonly<Record<string, readonly [host: string, port: number]>> = {
    '192.0.2.1': ['192.0.2.1', 628],
    '192.0.2.1:1628': ['192.0.2.1', 1628],
    'hub.example': ['hub.example', 628],
    'Hub.Example.:99': ['Hub.Example.', 99],
    localhost: ['localhost', 628],
    'a_b-c.3x': ['a_b-c.3x', 628],
    '2001:db8::1': ['2001:db8::1', 628],
    '[2001:db8::1]': ['2001:db8::1', 628],
    '[2001:db8::1]:65535': ['2001:db8::1', 65535],
    '::': ['::', 628],
    '[::ffff:192.0.2.1]:1': ['::ffff:192.0.2.1', 1],
    'fe80::1%eth0': ['fe80::1%eth0', 628],
    '192.0.2.001': ['192.0.2.1', 628],
  };
  for (const [line, [host, port]] of Object.entries(cases))
    deepStrictEqual(parseHub(line), { host, port }, line);
});

test('what follows a blank is a comment, and so is a CR', () => {
  const hub = { host: '192.0.2.1', port: 628 };
  for (const rest of [' # main hub', '\tsecond', '\r']) deepStrictEqual(parseHub(`192.0.2.1${rest}`), hub);
});

test('lines that name no hub', () => {
  const lines = [
    '',
    ' 192.0.2.1',
    '192.0.2',
    '192.0.2.1.5',
    '192.0.2.256',
    '1',
    'host.1',
    '-a.b',
    'a..b',
    '.a',
  ];
  lines.push(
    'a b'.slice(1),
    ':628',
    'host:',
    'host:0',
    'host:65536',
    'host:1x',
    'host:-1',
    'ho/st',
    'h\xf6st',
  );
  lines.push(
    '[192.0.2.1]',
    '[2001:db8::1',
    '2001:db8::1]',
    '[]',
    '[::1]628',
    '[::1]:',
    '1:2:3',
    ':::',
    '1::2::3',
  );
  lines.push(
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
    '::1%',
    'user@host',
    'a'.repeat(64),
  );
  for (const line of lines) strictEqual(parseHub(line), undefined, line);
});

test('an IPv6 literal is what Node takes for one', () => {
  const group = fc.string({ unit: fc.constantFrom('0', 'f', 'A', '9', ':'), maxLength: 24 });
  const tail = fc.constantFrom('', '', '1.2.3.4', '1.2.3', '::');
  fc.assert(
    fc.property(group, tail, (head, end) => {
      const text = head + end;
      strictEqual(parseHub(`[${text}]`) !== undefined, isIPv6(text), text);
    }),
    { numRuns: 5000 },
  );
});

test('a hub is written so that it can be read', () => {
  for (const text of ['192.0.2.1:628', 'hub.example:1', '[2001:db8::1]:628']) {
    const hub = parseHub(text);
    strictEqual(hub && hubText(hub), text);
  }
});

test('a list keeps its order and what it rejects', () => {
  deepStrictEqual(parseHubs(['b', '1.2.3', 'a:1']), {
    hubs: [
      { host: 'b', port: 628 },
      { host: 'a', port: 1 },
    ],
    rejected: ['1.2.3'],
  });
});

const one = `sha256:${'0123456789abcdef'.repeat(4)}`;
const other = `sha256:${'f'.repeat(64)}`;

test('a hub in TLS has a port and one pin or two', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    [`qmqps://hub.example:6280 ${one}`]: [one],
    [`qmqps://hub.example:6280\t${one}  ${other}`]: [one, other],
    [`qmqps://hub.example:6280 ${one.toUpperCase()} # the hub`]: [one],
    [`qmqps://hub.example:6280 ${one}\r`]: [one],
  };
  for (const [line, pins] of Object.entries(cases))
    deepStrictEqual(parseHub(line), { host: 'hub.example', port: 6280, pins }, line);
  deepStrictEqual(parseHub(`qmqps://192.0.2.1:1 ${one}`), { host: '192.0.2.1', port: 1, pins: [one] });
  deepStrictEqual(parseHub(`qmqps://[2001:db8::1]:1 ${one}`), { host: '2001:db8::1', port: 1, pins: [one] });
});

test('no hub in TLS without a port, without a pin, or with anything that is no pin', () => {
  const hub = 'qmqps://hub.example:6280';
  const lines = [hub, `${hub} #${one}`, `${hub} ${one} main`, `${hub} ${one.slice(0, -1)}`, `${hub} ${one}0`];
  lines.push(`${hub} ${one.slice(7)}`, `${hub} md5:${'0'.repeat(64)}`, `${hub} ${one} ${other} ${one}`);
  lines.push(`qmqps://hub.example ${one}`, `qmqps://2001:db8::1 ${one}`, `qmqps://[2001:db8::1] ${one}`);
  lines.push(`qmqps:// ${one}`, `qmqps://qmqps://a:1 ${one}`, `QMQPS://hub.example:6280 ${one}`);
  for (const line of lines) strictEqual(parseHub(line), undefined, line);
});

test('a hub in TLS says so in its text', () => {
  const hub = parseHub(`qmqps://[2001:db8::1]:6280 ${one}`);
  strictEqual(hub && hubText(hub), 'qmqps://[2001:db8::1]:6280');
});

test('a pin is read in one form', () => {
  strictEqual(parsePin(one.toUpperCase()), one);
  for (const text of ['', 'sha256:', one.slice(7), `${one} `, one.replace('a', 'g')])
    strictEqual(parsePin(text), undefined);
});
