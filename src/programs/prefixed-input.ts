/** A program's input with bytes in front of it: so one program gives another a message with a field on top. */
import type { Files, System } from '../system/index.ts';

const inputDescriptor = 0;

/** The same system, on which descriptor 0 has these bytes first. */
export function prefixedInput(system: System, prefix: Uint8Array): System {
  let left = prefix;
  const read: Files['read'] = (descriptor, into) => {
    if (descriptor !== inputDescriptor || left.length === 0) return system.files.read(descriptor, into);
    const piece = left.subarray(0, into.length);
    into.set(piece);
    left = left.subarray(piece.length);
    return piece.length;
  };
  return { ...system, files: { ...system.files, read } };
}
