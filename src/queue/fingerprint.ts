/**
 * What a submission is remembered by: a digest of its sender, its recipients and its message, behind the beginning of
 * its Message-ID. A submission without a Message-ID is not remembered: two messages of the same bytes may then be
 * meant as two.
 */
import { createHash } from 'node:crypto';
import type { Envelope } from '../mail/index.ts';
import { type ByteString, bytesOf, concatBytes } from '../system/index.ts';

/** Bytes of the Message-ID that lead the key: neighbours in time become neighbours in the store. */
const prefixBytes = 24;

/** Bytes of the digest in the key: no two submissions will share them. */
const digestBytes = 20;

/** Bytes of a key: a Message-ID has at least one. */
export const fingerprintBytesMin = 1 + digestBytes;
export const fingerprintBytesMax = prefixBytes + digestBytes;

export interface Fingerprint {
  /** Takes the message's next bytes, as the client sent them. */
  update(bytes: Uint8Array): void;
  /** The key, once. */
  key(envelope: Envelope, messageId: ByteString): Uint8Array;
}

export function createFingerprint(): Fingerprint {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  return {
    update(bytes) {
      hash.update(bytes);
      sizeBytes += bytes.length;
    },
    key(envelope, messageId) {
      // Addresses hold no NUL, and the size says where the message ends.
      hash.update(`\0${sizeBytes}\0${envelope.sender}\0`, 'latin1');
      for (const recipient of envelope.recipients) hash.update(`${recipient}\0`, 'latin1');
      return concatBytes([bytesOf(messageId.slice(0, prefixBytes)), hash.digest().subarray(0, digestBytes)]);
    },
  };
}
