import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { listenAddressText, parseListenAddress, qmqpAddressText } from '../../src/serve/index.ts';

test('IPv4, IPv6, and all of IPv4', () => {
  deepStrictEqual(parseListenAddress('127.0.0.1:628'), { address: '127.0.0.1', port: 628 });
  deepStrictEqual(parseListenAddress('[::1]:0'), { address: '::1', port: 0 });
  deepStrictEqual(parseListenAddress('[::]:65535'), { address: '::', port: 65535 });
  deepStrictEqual(parseListenAddress('0:628'), { address: '0.0.0.0', port: 628 });
});

test('anything else is none', () => {
  const texts = [
    '',
    '628',
    ':628',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:x',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
  ];
  texts.push(
    '127.0.0.1:6 ',
    '127.0.0.256:1',
    '::1:628',
    '[::1]',
    '[::1]628',
    '[127.0.0.1]:1',
    'hub:628',
    '[]:1',
  );
  for (const text of texts) strictEqual(parseListenAddress(text), undefined, text);
});

test('it is written as it is read', () => {
  for (const text of ['127.0.0.1:628', '[::1]:628']) {
    const address = parseListenAddress(text);
    strictEqual(address && listenAddressText(address), text);
  }
});

test('an address says whether it is one of TLS', () => {
  strictEqual(qmqpAddressText({ address: '127.0.0.1', port: 1 }), 'qmqp 127.0.0.1:1');
  strictEqual(qmqpAddressText({ address: '::', port: 2, secure: true }), 'qmqps [::]:2');
});
