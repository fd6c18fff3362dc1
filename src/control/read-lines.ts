/** The lines of a file, read as they are asked for: what is in memory is one piece of it and one line. */
import { type ByteString, type Descriptor, type Files, SystemError, textOf } from '../system/index.ts';

/** All that is asked of a System. */
interface World {
  readonly files: Pick<Files, 'open' | 'read' | 'close'>;
}

export interface Line {
  /** Without its LF. */
  readonly text: ByteString;
  /** False for what is behind the last LF. It is not empty. */
  readonly ended: boolean;
}

/** A longer line is a mistake. */
const lineBytesMaxDefault = 65_536;

const readBytes = 65_536;

/** `name` is what errors call the file. Throws EFBIG for a line without end. */
export function* readLines(
  system: World,
  descriptor: Descriptor,
  name: ByteString,
  lineBytesMax = lineBytesMaxDefault,
): Generator<Line, undefined> {
  const buffer = new Uint8Array(readBytes);
  let partial = '';
  const joined = (rest: ByteString): ByteString => {
    if (partial.length + rest.length > lineBytesMax)
      throw new SystemError('EFBIG', `${name}: a line has more than ${lineBytesMax} bytes`);
    return partial + rest;
  };
  for (;;) {
    const count = system.files.read(descriptor, buffer);
    if (count === 0) break;
    const text = textOf(buffer, 0, count);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield { text: joined(text.slice(start, end)), ended: true };
      partial = '';
      start = end + 1;
    }
    partial = joined(text.slice(start));
  }
  if (partial !== '') yield { text: partial, ended: false };
}

/** The lines of the file at `path`. Throws when it cannot be opened, as with ENOENT. */
export function* readFileLines(system: World, path: ByteString): Generator<Line, undefined> {
  const descriptor = system.files.open(path, 'read');
  try {
    yield* readLines(system, descriptor, path);
  } finally {
    system.files.close(descriptor);
  }
}
