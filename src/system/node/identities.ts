/**
 * Identities on Node, which makes keys but no certificates: a thread with a library for that makes them. It is no part
 * of any program's bundle, and is loaded when a host enrols.
 */
import type { ByteString } from '../bytes.ts';
import type { Identities } from '../system.ts';
import { certificateFingerprint } from './certificate.ts';
import { startWorker } from './start-worker.ts';

function make(name: ByteString): Promise<ByteString> {
  return new Promise((fulfil, reject) => {
    const worker = startWorker(
      'identity-worker',
      () => new URL('./identity-worker.ts', import.meta.url),
      name,
    );
    worker.once('message', fulfil);
    worker.once('error', reject);
  });
}

export const nodeIdentities: Identities = {
  make,
  fingerprint(identity) {
    const { X509Certificate } = process.getBuiltinModule('node:crypto');
    return certificateFingerprint(new X509Certificate(identity));
  },
};
