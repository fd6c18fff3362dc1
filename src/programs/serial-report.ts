/**
 * What a client of maildirserial reports of the messages that it was given, in any order:
 *
 *     report = name NUL letter text LF       ; letter: K sent, D never will be, Z or any other not now
 *
 * The parser takes the bytes in pieces of any size and never keeps more than its limits allow.
 */
import { type ByteString, textOf, type Verdict } from '../system/index.ts';

export interface SerialReport {
  readonly name: ByteString;
  readonly verdict: Verdict;
  /** Without its line end. */
  readonly text: ByteString;
}

/** Bytes of a name: what the kernel takes for a path. */
export const serialNameBytesMax = 4096;

/** Bytes of a text; what is longer is cut. */
export const serialTextBytesMax = 4000;

export interface SerialReportParser {
  /** The reports that are complete with these bytes, or undefined when this is no report. */
  feed(bytes: Uint8Array): readonly SerialReport[] | undefined;
}

const nul = 0;
const lineFeed = 10;

function verdictOf(letter: string): Verdict {
  return letter === 'K' || letter === 'D' ? letter : 'Z';
}

export function createSerialReportParser(): SerialReportParser {
  let inName = true;
  let name = '';
  /** The letter and what follows it. */
  let said = '';

  function takeName(bytes: Uint8Array, start: number): number {
    const found = bytes.indexOf(nul, start);
    const end = found < 0 ? bytes.length : found;
    name += textOf(bytes, start, Math.min(end, start + serialNameBytesMax + 1));
    inName = found < 0;
    return found < 0 ? end : end + 1;
  }

  function takeText(bytes: Uint8Array, start: number, reports: SerialReport[]): number {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    said += textOf(bytes, start, Math.min(end, start + serialTextBytesMax + 1 - said.length));
    if (found < 0) return end;
    reports.push({ name, verdict: verdictOf(said.charAt(0)), text: said.slice(1) });
    inName = true;
    name = '';
    said = '';
    return end + 1;
  }

  return {
    feed(bytes) {
      const reports: SerialReport[] = [];
      for (let index = 0; index < bytes.length; ) {
        index = inName ? takeName(bytes, index) : takeText(bytes, index, reports);
        if (name.length > serialNameBytesMax) return undefined;
      }
      return reports;
    },
  };
}
