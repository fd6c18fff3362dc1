/**
 * How many octets a message has as POP3 sends it: with CR LF at the end of each line, and without what is put before dots
 * (RFC 1939 11). Whoever wrote it into the Maildir may have said that in its name, as `,W=` and digits; otherwise it is read.
 */
import type { ByteString } from '../system/index.ts';

const cr = 13;
const lf = 10;

export interface OctetCount {
  feed(bytes: Uint8Array): void;
  /** Octets of the whole, when nothing more comes. */
  total(): number;
}

export function createOctetCount(): OctetCount {
  let octets = 0;
  let last = lf;
  return {
    feed(bytes) {
      octets += bytes.length;
      for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
        if ((at > 0 ? bytes[at - 1] : last) !== cr) octets += 1;
      }
      last = bytes.at(-1) ?? last;
    },
    total() {
      if (last === lf) return octets;
      return octets + (last === cr ? 1 : 2);
    },
  };
}

const mark = ',W=';

const digitsMax = 15;

/** What is put behind a file's name to say it. */
export function octetsMark(octets: number): ByteString {
  return `${mark}${octets}`;
}

function numberOf(digits: ByteString): number | undefined {
  if (digits === '' || digits.length > digitsMax) return undefined;
  for (const char of digits) if (char < '0' || char > '9') return undefined;
  return Number(digits);
}

/** What a file's name says; undefined when it says nothing. */
export function octetsInName(name: ByteString): number | undefined {
  const colon = name.indexOf(':');
  const before = colon < 0 ? name : name.slice(0, colon);
  const at = before.indexOf(mark);
  if (at < 0) return undefined;
  const start = at + mark.length;
  const comma = before.indexOf(',', start);
  return numberOf(before.slice(start, comma < 0 ? before.length : comma));
}
