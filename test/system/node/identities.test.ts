import { match, notStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodeIdentities } from '../../../src/system/node/identities.ts';
import { needs } from '../../support/foreign.ts';
import { temporaryDirectory } from '../../support/home.ts';

test('an identity is a key on P-256 and a certificate of that key that does not expire', async () => {
  const identity = await nodeIdentities.make('box.example');
  const key = createPrivateKey(identity);
  const certificate = new X509Certificate(identity);
  strictEqual(key.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  strictEqual(certificate.checkPrivateKey(key), true);
  strictEqual(certificate.subject, 'CN=box.example');
  match(certificate.validTo, /9999/);
  match(certificate.validFrom, /1970/);
});

test('two are different, and a name cannot add anything to one', async () => {
  const [one, other] = await Promise.all(['a,O=b+CN=c', 'a'].map(nodeIdentities.make));
  notStrictEqual(nodeIdentities.fingerprint(one ?? ''), nodeIdentities.fingerprint(other ?? ''));
  strictEqual(new X509Certificate(one ?? '').toLegacyObject().subject.O, undefined);
});

test('what is no identity has no fingerprint', () => {
  throws(() => nodeIdentities.fingerprint('-----BEGIN PRIVATE KEY-----\n'));
});

test('the fingerprint is what openssl and sha256sum say', needs('openssl', 'sha256sum'), async () => {
  const identity = await nodeIdentities.make('box.example');
  const path = `${temporaryDirectory()}/key`;
  writeFileSync(path, identity);
  const said = execFileSync('sh', [
    '-c',
    'openssl pkey -in "$0" -pubout -outform DER | sha256sum',
    path,
  ]).toString();
  strictEqual(nodeIdentities.fingerprint(identity), `sha256:${said.split(' ')[0]}`);
});
