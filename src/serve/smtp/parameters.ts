/**
 * The parameters of MAIL (RFC 5321 4.1.2; SIZE: RFC 1870; BODY: RFC 6152; SMTPUTF8: RFC 6531; AUTH: RFC 4954 5):
 *
 *     parameters = [ parameter *( 1*SP parameter ) ]
 *     parameter  = keyword [ "=" value ]
 *
 * RCPT has none of its own here. One that is not known is a promise that cannot be kept, and is refused.
 */
import { type ByteString, lowerAscii } from '../../system/index.ts';

export interface MailParameters {
  /** What the client says of the message's size, 0 when it says nothing. */
  readonly sizeBytes: number;
  readonly utf8: boolean;
}

export type MailParametersResult =
  | { readonly ok: true; readonly parameters: MailParameters }
  | { readonly ok: false; readonly problem: 'unknown' | 'malformed' };

/** size-value = 1*20DIGIT */
const sizeDigitsMax = 20;

const bodies = new Set(['7bit', '8bitmime']);

interface Parameter {
  readonly keyword: ByteString;
  readonly value: ByteString | undefined;
}

/** Each with its keyword in lower case. */
export function splitParameters(text: ByteString): readonly Parameter[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const equals = word.indexOf('=');
      if (equals < 0) return { keyword: lowerAscii(word), value: undefined };
      return { keyword: lowerAscii(word.slice(0, equals)), value: word.slice(equals + 1) };
    });
}

function sizeOf(value: ByteString): number | undefined {
  if (value === '' || value.length > sizeDigitsMax) return undefined;
  for (const digit of value) if (!'0123456789'.includes(digit)) return undefined;
  return Number(value);
}

export function parseMailParameters(text: ByteString): MailParametersResult {
  let sizeBytes: number | undefined = 0;
  let utf8 = false;
  const malformed = { ok: false, problem: 'malformed' } as const;
  for (const { keyword, value } of splitParameters(text)) {
    switch (keyword) {
      case 'size':
        sizeBytes = sizeOf(value ?? '');
        if (sizeBytes === undefined) return malformed;
        break;
      case 'body':
        if (!bodies.has(lowerAscii(value ?? ''))) return malformed;
        break;
      case 'smtputf8':
        if (value !== undefined) return malformed;
        utf8 = true;
        break;
      case 'auth':
        // Who is said to have submitted it elsewhere: taken note of by nobody, as RFC 4954 5 allows.
        if (value === undefined) return malformed;
        break;
      default:
        return { ok: false, problem: 'unknown' };
    }
  }
  return { ok: true, parameters: { sizeBytes, utf8 } };
}
