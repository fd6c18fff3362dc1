/**
 * Makes one identity: an ECDSA key on P-256, which every TLS stack takes, and its self-signed certificate (RFC 5280).
 * What a host is known by is the key. The certificate is as good at any time: 9999-12-31 is how RFC 5280 4.1.2.5 says
 * that there is no end, and a small machine may wake up in 1970.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { cryptoProvider, PemConverter, X509CertificateGenerator } from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

cryptoProvider.set(webcrypto);

async function makeIdentity(name: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: new Date('1970-01-01T00:00:00Z'),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}

makeIdentity(String(workerData)).then((identity) => parentPort?.postMessage(identity));
