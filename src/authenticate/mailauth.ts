/**
 * The library that makes signatures and judges them. It is large, so it is a script of its own in the executable, which is
 * read when the first message is signed or judged.
 */
import type { Readable } from 'node:stream';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { spf } from 'mailauth/lib/spf/index.js';
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

export interface MessageToJudge {
  /** Undefined when its signatures are not to be looked at. */
  readonly message: Readable | undefined;
  readonly ip: string;
  readonly helo: string;
  readonly sender: string;
  /** Whose judgement it is. */
  readonly name: string;
  readonly resolver: (name: string, type: string) => Promise<unknown>;
  readonly spfMsMax: number;
}

/** What is found, each method as it stands in an Authentication-Results field (RFC 8601 2.2). */
export async function judge({
  message,
  ip,
  helo,
  sender,
  name,
  resolver,
  spfMsMax,
}: MessageToJudge): Promise<readonly string[]> {
  const asked = resolver as NonNullable<Parameters<typeof spf>[0]['resolver']>;
  const signed = message && (await dkimVerify(message, { resolver: asked, sender }));
  const path = await spf({ sender, ip, helo, mta: name, resolver: asked, maxElapsedTime: spfMsMax });
  const rows = [...(signed?.results.map(({ info }) => info) ?? []), path.info];
  if (signed === undefined) return rows;
  const policy = await dmarc({
    headerFrom: signed.headerFrom,
    fromFields: signed.fromFields,
    spfDomains: path.status.result === 'pass' && path.domain ? [path.domain] : [],
    dkimDomains: signed.results.flatMap(({ id, signingDomain, status }) => {
      if (status.result !== 'pass' || signingDomain === undefined) return [];
      const aligned = status.aligned ?? false;
      return [{ domain: signingDomain, aligned, ...(id === undefined ? {} : { id }) }];
    }),
    resolver: asked,
  });
  return policy === false ? rows : [...rows, policy.info];
}
