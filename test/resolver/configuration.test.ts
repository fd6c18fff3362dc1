import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { candidates, readResolverConfiguration } from '../../src/resolver/configuration.ts';

const read = (text: string) => readResolverConfiguration(text.split('\n'));

const presets = { servers: ['127.0.0.1'], search: [], dotsMin: 1, timeoutMs: 5000, attempts: 2 };

test('an empty file asks this host', () => {
  deepStrictEqual(read(''), presets);
  deepStrictEqual(
    read('# nameserver 192.0.2.1\n; nameserver 192.0.2.1\nsortlist x\noptions rotate edns0'),
    presets,
  );
});

test('what it says counts', () => {
  const text =
    'nameserver 192.0.2.1\nnameserver\t2001:db8::1 \nsearch Corp.Example. example\noptions ndots:2 timeout:3 attempts:4\n';
  deepStrictEqual(read(text), {
    servers: ['192.0.2.1', '2001:db8::1'],
    search: ['corp.example', 'example'],
    dotsMin: 2,
    timeoutMs: 3000,
    attempts: 4,
  });
});

test('the last of domain and search counts, and of a domain its first word', () => {
  deepStrictEqual(read('search a b\ndomain c d').search, ['c']);
  deepStrictEqual(read('domain c\nsearch a b').search, ['a', 'b']);
});

test('nothing exceeds its limit', () => {
  const servers = [1, 2, 3, 4, 5].map((last) => `nameserver 192.0.2.${last}\n`).join('');
  const text = `${servers}search ${'a '.repeat(20)}\noptions ndots:99 timeout:999999 attempts:0`;
  const { search, ...rest } = read(text);
  deepStrictEqual([search.length, rest.servers.length], [6, 3]);
  deepStrictEqual([rest.dotsMin, rest.timeoutMs, rest.attempts], [15, 30_000, 1]);
  deepStrictEqual(read('options ndots:x timeout: attempts:9999999 ndots\nnameserver hub.example'), presets);
});

test('names are completed as resolv.conf(5) has it', () => {
  const configuration = read('search a.example b.example');
  deepStrictEqual(candidates('hub', configuration), ['hub.a.example', 'hub.b.example', 'hub']);
  deepStrictEqual(candidates('Hub.Example', configuration), [
    'hub.example',
    'hub.example.a.example',
    'hub.example.b.example',
  ]);
  deepStrictEqual(candidates('hub.', configuration), ['hub']);
  deepStrictEqual(candidates('hub', read('')), ['hub']);
});
