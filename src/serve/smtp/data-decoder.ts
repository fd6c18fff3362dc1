/**
 * The message out of what follows DATA (RFC 5321 4.5.2), in pieces of any size:
 *
 *     data = *( [ "." ] *( any byte but CR and LF ) CR LF ) "." CR LF
 *
 * Only that ends it. The dot that the client put before a line is taken away, and lines end in LF. A CR or LF on its own is
 * refused wherever it stands: others would take it for the end of a line, and what follows for commands of this client's
 * (SMTP smuggling, CVE-2023-51764 to 51766).
 */

export type DataState =
  /** All bytes were taken, and more are to come. */
  | 'more'
  /** The message is whole. */
  | 'end'
  /** A CR without LF, or a LF without CR. */
  | 'bare';

export interface DataDecoder {
  /** What state it is in after bytes[from...], and where the first byte is that it did not take. */
  feed(bytes: Uint8Array, from: number): { readonly state: DataState; readonly end: number };
}

const lf = 10;
const cr = 13;
const dot = 46;

/** `onText` gets the message piece by piece, in arrays that are its own. */
export function createDataDecoder(onText: (bytes: Uint8Array) => void): DataDecoder {
  /** Behind: a line's end (or DATA's); a byte of a line; its CR; the dot that begins it; the CR behind that. */
  let place: 'start' | 'text' | 'cr' | 'dot' | 'dot-cr' = 'start';

  return {
    feed(bytes, from) {
      const text = new Uint8Array(bytes.length - from);
      let length = 0;
      let state: DataState = 'more';
      let index = from;
      for (; index < bytes.length && state === 'more'; index += 1) {
        const byte = bytes[index] ?? 0;
        if (place === 'cr' || place === 'dot-cr') {
          if (byte !== lf) {
            state = 'bare';
          } else if (place === 'dot-cr') {
            state = 'end';
          } else {
            text[length++] = lf;
            place = 'start';
          }
        } else if (byte === cr) {
          place = place === 'dot' ? 'dot-cr' : 'cr';
        } else if (byte === lf) {
          state = 'bare';
        } else if (byte === dot && place === 'start') {
          place = 'dot';
        } else {
          text[length++] = byte;
          place = 'text';
        }
      }
      if (length > 0) onText(text.subarray(0, length));
      return { state, end: index };
    },
  };
}
