import { match, strictEqual } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateFingerprint, isExpired } from '../../../src/system/node/index.ts';
import { expiredIdentity, fingerprintOf, identityOf } from '../../support/identity.ts';

test('a certificate has the fingerprint of its key', async () => {
  const identity = await identityOf('box.example');
  const fingerprint = certificateFingerprint(new X509Certificate(identity));
  match(fingerprint, /^sha256:[0-9a-f]{64}$/);
  strictEqual(fingerprint, fingerprintOf(identity));
});

test('a certificate expires at its time', async () => {
  const certificate = new X509Certificate(await expiredIdentity('box.example'));
  const endMs = Date.UTC(2001, 0, 2);
  strictEqual(isExpired(certificate, endMs), false);
  strictEqual(isExpired(certificate, endMs + 1), true);
  strictEqual(isExpired(new X509Certificate(await identityOf('box.example')), Date.UTC(2500, 0)), false);
});
