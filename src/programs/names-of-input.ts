/** Names on descriptor 0, each with a NUL behind it, one after the other as they are asked for. */
import { type ByteString, type System, textOf } from '../system/index.ts';

const readBytes = 65_536;

/** Throws when a name is longer than `nameBytesMax`, or the last one is not whole. */
export function* namesOfInput(system: System, nameBytesMax: number): Generator<ByteString> {
  const buffer = new Uint8Array(readBytes);
  let name = '';
  for (let count = system.files.read(0, buffer); count > 0; count = system.files.read(0, buffer)) {
    for (let start = 0; start < count; ) {
      const found = buffer.subarray(0, count).indexOf(0, start);
      const end = found < 0 ? count : found;
      name += textOf(buffer, start, Math.min(end, start + nameBytesMax + 1));
      if (name.length > nameBytesMax) throw new Error(`a name has more than ${nameBytesMax} bytes`);
      start = end + 1;
      if (found < 0) break;
      yield name;
      name = '';
    }
  }
  if (name !== '') throw new Error('the last name has no NUL behind it');
}
