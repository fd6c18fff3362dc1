/**
 * A message as it leaves by SMTP (RFC 5321 2.3.8, 4.5.2), made piece by piece. LF, CR LF and CR each end a line and go out
 * as CR LF, so that no bare CR or LF leaves; a partial last line is completed; and as DATA every line that begins with a
 * dot gets another one, and CR LF . CR LF stands at the end and nowhere else, whatever the message holds. What is signed
 * is this text without the dots of DATA.
 */

const lineFeed = 10;
const carriageReturn = 13;
const dot = 46;

export interface WireText {
  /** What goes out for these bytes of the message: new bytes, that stay good. */
  push(bytes: Uint8Array): Uint8Array;
  /** What goes out after the last of them. */
  end(): Uint8Array;
}

/** `forData`: dots are stuffed, and the end is marked. */
export function createWireText({ forData }: { readonly forData: boolean }): WireText {
  let atLineStart = true;
  let afterReturn = false;
  return {
    push(bytes) {
      // Each byte becomes two at most.
      const text = Buffer.allocUnsafe(bytes.length * 2);
      let length = 0;
      for (const byte of bytes) {
        const isRest = byte === lineFeed && afterReturn;
        afterReturn = byte === carriageReturn;
        if (isRest) continue;
        if (byte === lineFeed || afterReturn) {
          text[length] = carriageReturn;
          text[length + 1] = lineFeed;
          length += 2;
          atLineStart = true;
          continue;
        }
        if (atLineStart && forData && byte === dot) {
          text[length] = dot;
          length += 1;
        }
        text[length] = byte;
        length += 1;
        atLineStart = false;
      }
      return text.subarray(0, length);
    },
    end() {
      const rest = atLineStart ? '' : '\r\n';
      return Buffer.from(forData ? `${rest}.\r\n` : rest, 'latin1');
    },
  };
}
