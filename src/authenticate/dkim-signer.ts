/**
 * Signs a message while its text passes (DKIM, RFC 6376; Ed25519, RFC 8463): of the header as much is kept as the limits
 * allow, of the body a digest. What is signed is the text on the wire, with CR LF and without dots of SMTP's.
 */
import { createHash } from 'node:crypto';
import { type ByteString, textOf } from '../system/index.ts';
import type { SignedBy } from './mailauth.ts';
import { createRelaxedBody } from './relaxed-body.ts';

export interface SignerLimits {
  /** A longer header, or one of more lines, is not signed. */
  readonly headerBytesMax: number;
  readonly headerLinesMax: number;
}

export const signerLimits: SignerLimits = { headerBytesMax: 262_144, headerLinesMax: 4096 };

/** What a signature covers where it is there: who, to whom, when, what about, and how it is to be read. */
const signedFields = [
  ...['From', 'Sender', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'Cc'],
  ...['MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'In-Reply-To', 'References'],
  ...['Resent-Date', 'Resent-From', 'Resent-Sender', 'Resent-To', 'Resent-Cc', 'Resent-Message-ID'],
  ...['List-Id', 'List-Help', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Subscribe', 'List-Post'],
] as const;

export interface DkimSigner {
  /** Takes the next bytes on the wire. */
  push(bytes: Uint8Array): void;
  /**
   * The fields to be put on top, one for each key, with LF; nothing for a header over the limits. Rejects when a key cannot
   * be used.
   */
  sign(keys: readonly SignedBy[], nowMs: number): Promise<ByteString>;
}

const lineFeed = 10;
const carriageReturn = 13;

export function createDkimSigner(limits: SignerLimits = signerLimits): DkimSigner {
  const digest = createHash('sha256');
  const body = createRelaxedBody((bytes) => digest.update(bytes));
  const header: Buffer[] = [];
  let headerBytes = 0;
  let headerLines = 0;
  let inHeader = true;
  let lineBytes = 0;

  /** Where the body begins in these bytes; their end when that is not in them. */
  function passHeader(bytes: Uint8Array): number {
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte === lineFeed) {
        headerLines += 1;
        if (lineBytes === 0) {
          inHeader = false;
          return index + 1;
        }
        lineBytes = 0;
      } else if (byte !== carriageReturn) {
        lineBytes += 1;
      }
    }
    return bytes.length;
  }

  return {
    push(bytes) {
      const start = inHeader ? passHeader(bytes) : 0;
      if (start > 0) {
        headerBytes += start;
        if (headerBytes <= limits.headerBytesMax) header.push(Buffer.from(bytes.subarray(0, start)));
      }
      body.push(bytes.subarray(start));
    },
    async sign(keys, nowMs) {
      body.end();
      const isLarge = headerBytes > limits.headerBytesMax || headerLines > limits.headerLinesMax;
      if (isLarge || keys.length === 0) return '';
      const { signHeader } = await import('./mailauth.ts');
      const signatures = await signHeader({
        header: Buffer.concat(header),
        bodyHash: digest.digest('base64'),
        fields: signedFields,
        nowMs,
        keys,
      });
      return withoutReturns(signatures);
    },
  };
}

function withoutReturns(fields: string): ByteString {
  return textOf(Buffer.from(fields, 'latin1').filter((byte) => byte !== carriageReturn));
}
