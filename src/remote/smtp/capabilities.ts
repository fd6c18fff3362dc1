/** What a server says it can, in its reply to EHLO (RFC 5321 4.1.1.1): a keyword and its parameters on each line. */
import type { ByteString } from '../../system/index.ts';
import type { Reply } from './reply-reader.ts';

export interface Capabilities {
  /** RFC 2920. */
  readonly pipelining: boolean;
  /** RFC 1870: undefined when it is not offered; 0 when there is no fixed limit. */
  readonly sizeBytesMax: number | undefined;
  /** RFC 6152. */
  readonly eightBitMime: boolean;
  /** RFC 6531. */
  readonly smtpUtf8: boolean;
  /** RFC 3207. */
  readonly startTls: boolean;
  /** RFC 4954: mechanisms in upper case. */
  readonly auth: ReadonlySet<string>;
}

/** Of a server that answers HELO only. */
export const noCapabilities: Capabilities = {
  pipelining: false,
  sizeBytesMax: undefined,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  auth: new Set(),
};

const sizeDigitsMax = 15;

function sizeOf(text: ByteString | undefined): number {
  if (text === undefined || text === '' || text.length > sizeDigitsMax) return 0;
  return [...text].every((char) => char >= '0' && char <= '9') ? Number(text) : 0;
}

export function readCapabilities({ text }: Reply): Capabilities {
  let sizeBytesMax: number | undefined;
  const keywords = new Set<string>();
  const auth = new Set<string>();
  // The first line greets.
  for (const line of text.split('\n').slice(1)) {
    const [keyword = '', ...parameters] = line.slice(4).toUpperCase().split(' ');
    keywords.add(keyword);
    if (keyword === 'SIZE') sizeBytesMax = sizeOf(parameters[0]);
    // Some old servers write an equals sign after AUTH, for old clients.
    if (keyword === 'AUTH') for (const mechanism of parameters) auth.add(mechanism);
    else if (keyword.startsWith('AUTH='))
      for (const mechanism of [keyword.slice('AUTH='.length), ...parameters]) auth.add(mechanism);
  }
  return {
    pipelining: keywords.has('PIPELINING'),
    sizeBytesMax,
    eightBitMime: keywords.has('8BITMIME'),
    smtpUtf8: keywords.has('SMTPUTF8'),
    startTls: keywords.has('STARTTLS'),
    auth,
  };
}
