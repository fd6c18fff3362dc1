import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { isSatelliteName, parseSatelliteFile } from '../../../src/serve/index.ts';

const pin = `sha256:${'ab'.repeat(32)}`;

test('what no line says is not restricted', () => {
  deepStrictEqual(parseSatelliteFile(`# a box\n\nkey ${pin.toUpperCase()}\n`), {
    keys: [pin],
    revoked: false,
    senders: undefined,
    recipients: undefined,
    messageBytesMax: undefined,
    rate: undefined,
    domain: undefined,
  });
});

test('every line', () => {
  const text = `key ${pin}\nsenders root@a @B.example\nsenders @.c\nrecipients\t@d  e@f\nbytes 1000\nrate 60/m burst 100\ndomain x.example\nrevoked \n`;
  deepStrictEqual(parseSatelliteFile(text), {
    keys: [pin],
    revoked: true,
    senders: ['root@a', '@b.example', '@.c'],
    recipients: ['@d', 'e@f'],
    messageBytesMax: 1000,
    rate: { messages: 60, perMs: 60_000, burst: 100 },
    domain: 'x.example',
  });
  deepStrictEqual(parseSatelliteFile('rate 5/d').rate, { messages: 5, perMs: 86_400_000, burst: 5 });
});

test('a line that cannot be understood makes the file useless', () => {
  const lines = ['sender a@b', 'key', 'key x', `key ${pin} x`, 'senders', 'senders root', 'senders root@'];
  lines.push(
    'bytes',
    'bytes 0',
    'bytes -1',
    'bytes 1k',
    'rate',
    'rate 5',
    'rate 5/y',
    'rate /m',
    'rate 5/m 7',
  );
  lines.push('rate 5/m burst', 'rate 5/m burst 7 x', 'domain', 'domain a b', 'revoked now');
  for (const line of lines) throws(() => parseSatelliteFile(`key ${pin}\n${line}\n`), Error, line);
  throws(
    () => parseSatelliteFile(['1', '2', '3'].map((n) => `key sha256:${n.repeat(64)}\n`).join('')),
    /more than 2/,
  );
});

test('names', () => {
  for (const name of ['a', 'web-1.example', '0_x']) strictEqual(isSatelliteName(name), true, name);
  for (const name of ['', '.a', '-a', 'A', 'a/b', 'a b', 'é', '..', 'x'.repeat(65)])
    strictEqual(isSatelliteName(name), false, name);
});
