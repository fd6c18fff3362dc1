/**
 * The library that makes signatures and judges them. It is large, so it is a script of its own in the executable, which is
 * read when the first message is signed or judged.
 */
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { parseHeaders } from 'mailauth/lib/tools.js';

export interface SignedBy {
  readonly domain: string;
  readonly selector: string;
  /** In PEM. */
  readonly privateKey: string;
}

export interface HeaderToSign {
  /** With CR LF at the ends of its lines. */
  readonly header: Buffer;
  /** SHA-256 of the body in the form relaxed (RFC 6376 3.4.4), in base64. */
  readonly bodyHash: string;
  readonly fields: readonly string[];
  readonly nowMs: number;
  readonly keys: readonly SignedBy[];
}

/** One DKIM-Signature field for each key, with CR LF. Rejects when a key cannot be used. */
export async function signHeader({ header, bodyHash, fields, nowMs, keys }: HeaderToSign): Promise<string> {
  const options = {
    // With both of these the library reads no message.
    headers: parseHeaders(header),
    bodyHash,
    canonicalization: 'relaxed/relaxed',
    headerList: [...fields],
    signTime: new Date(nowMs),
    strict: true,
    signatureData: keys.map(({ domain, selector, privateKey }) => ({
      signingDomain: domain,
      selector,
      privateKey,
    })),
  };
  const { signatures, errors } = await dkimSign('', {
    ...options,
    signingDomain: '',
    selector: '',
    privateKey: '',
  });
  const [failure] = errors;
  if (failure !== undefined) {
    throw new Error(
      `the key ${failure.selector ?? ''} of ${failure.signingDomain ?? ''}: ${failure.err.message}`,
    );
  }
  return signatures;
}
