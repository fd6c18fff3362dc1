/** Identities for tests: made once for each name, and such as no operator would make. */
import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { cryptoProvider, PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { nodeSystem } from '../../src/system/node/index.ts';

const { identities } = nodeSystem([]);
if (identities === undefined) throw new Error('Node makes no identities');

const { make } = identities;

export const fingerprintOf: (identity: string) => string = identities.fingerprint;

const made = new Map<string, Promise<string>>();

/** The identity of that name in this file of tests. */
export function identityOf(name: string): Promise<string> {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

/** One whose certificate was good for one day, long ago. */
export async function expiredIdentity(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: new Date('2001-01-01T00:00:00Z'),
    notAfter: new Date('2001-01-02T00:00:00Z'),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}
