/**
 * The body of a message in the form that signatures are made over (RFC 6376 3.4.4, relaxed): blanks at the end of a line
 * go, other runs of blanks become one space, and so do empty lines at the end of the body. Takes the bytes in pieces of any
 * size and keeps none, however long a line is.
 */

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;

/** How many bytes go out together. */
const pieceBytes = 16_384;

/** A line end that was held back, a space, a CR and the byte itself. */
const bytesPerByteMax = 4;

export interface RelaxedBody {
  /** Takes bytes of the body. CR LF ends a line, and so does LF. */
  push(bytes: Uint8Array): void;
  /** The body has ended. */
  end(): void;
}

/** `take` gets the canonical bytes, valid during the call only. */
export function createRelaxedBody(take: (bytes: Uint8Array) => void): RelaxedBody {
  const out = new Uint8Array(pieceBytes);
  let used = 0;
  /** Ends of lines that are the body's end unless something follows. */
  let lineEnds = 0;
  let blank = false;
  let afterReturn = false;
  let isEmpty = true;

  function flush(): void {
    if (used > 0) take(out.subarray(0, used));
    used = 0;
  }

  function put(byte: number): void {
    if (used + bytesPerByteMax > pieceBytes) flush();
    out[used] = byte;
    used += 1;
  }

  function putLineEnd(): void {
    put(carriageReturn);
    put(lineFeed);
  }

  /** A byte of a line that is neither a blank nor part of its end. */
  function putContent(byte: number): void {
    for (; lineEnds > 0; lineEnds -= 1) putLineEnd();
    if (blank) put(space);
    blank = false;
    isEmpty = false;
    put(byte);
  }

  return {
    push(bytes) {
      for (const byte of bytes) {
        if (byte === lineFeed) {
          lineEnds += 1;
          blank = false;
          afterReturn = false;
          continue;
        }
        // A CR that ends no line is part of one.
        if (afterReturn) putContent(carriageReturn);
        afterReturn = byte === carriageReturn;
        if (afterReturn) continue;
        if (byte === space || byte === tab) blank = true;
        else putContent(byte);
      }
    },
    end() {
      if (afterReturn) putContent(carriageReturn);
      if (!isEmpty) putLineEnd();
      flush();
    },
  };
}
