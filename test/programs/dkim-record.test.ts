import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { dkimRecord, zoneLine } from '../../src/programs/dkim-record.ts';
import { makeTestKey } from '../support/dkim.ts';

test('a record holds the public key, in the form of its kind', () => {
  for (const type of ['rsa', 'ed25519'] as const) {
    const key = makeTestKey('example.org', 's1', type);
    deepStrictEqual(dkimRecord(key), { name: 's1._domainkey.example.org', value: key.record });
  }
});

test('a long record is cut into strings that DNS can hold', () => {
  const line = zoneLine(dkimRecord(makeTestKey('example.org', 's1', 'rsa')));
  match(line, /^s1\._domainkey\.example\.org\. IN TXT "v=DKIM1; k=rsa; p=[^"]+" "[^"]+"$/);
  for (const [, string = ''] of line.matchAll(/"([^"]*)"/g)) strictEqual(string.length <= 255, true);
});

test('a key of another kind signs nothing', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  throws(() => dkimRecord({ domain: 'd', selector: 's', privateKey: pem }), /kind ec signs no messages/);
});
