/** The lines of a file, or its NUL-terminated entries, read as they are asked for. */
import { type ByteString, type Descriptor, type System, textOf } from '../system/index.ts';
import { AliasProblem } from './problem.ts';

export interface Line {
  /** Without its end. */
  readonly text: ByteString;
  /** False for the rest of a file that does not end with a separator. Such a rest is not empty. */
  readonly ended: boolean;
}

export interface LineSource {
  readonly descriptor: Descriptor;
  /** For errors. */
  readonly name: string;
  readonly separator: '\n' | '\0';
  readonly lineBytesMax: number;
}

const readBytes = 65_536;

export function* readLines(
  system: System,
  { descriptor, name, separator, lineBytesMax }: LineSource,
): Generator<Line, undefined> {
  const buffer = new Uint8Array(readBytes);
  let partial = '';
  const joined = (rest: ByteString): ByteString => {
    if (partial.length + rest.length > lineBytesMax) {
      const what = separator === '\n' ? 'a line' : 'an entry';
      throw new AliasProblem('Z', `${name}: ${what} has more than ${lineBytesMax} bytes`);
    }
    return partial + rest;
  };
  for (;;) {
    const count = system.files.read(descriptor, buffer);
    if (count === 0) break;
    const text = textOf(buffer, 0, count);
    let start = 0;
    for (;;) {
      const end = text.indexOf(separator, start);
      if (end < 0) break;
      yield { text: joined(text.slice(start, end)), ended: true };
      partial = '';
      start = end + 1;
    }
    partial = joined(text.slice(start));
  }
  if (partial !== '') yield { text: partial, ended: false };
}
