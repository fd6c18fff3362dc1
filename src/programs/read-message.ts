/** The message on a descriptor, piece by piece. A piece is good until the next one is asked for. */
import { type Descriptor, errorCode, errorText, type System, SystemError } from '../system/index.ts';

const readBytes = 65536;

function unreadable(error: unknown): SystemError {
  return new SystemError(errorCode(error), `unable to read the message: ${errorText(error)}`, error);
}

function* pieces(read: (into: Uint8Array, offsetBytes: number) => number): Generator<Uint8Array> {
  const buffer = new Uint8Array(readBytes);
  for (let offset = 0; ; ) {
    let count: number;
    try {
      count = read(buffer, offset);
    } catch (error) {
      throw unreadable(error);
    }
    if (count === 0) return;
    offset += count;
    yield buffer.subarray(0, count);
  }
}

/** From where the descriptor stands: a pipe can be read so, and a file once. */
export function readMessage(system: System, descriptor: Descriptor): Generator<Uint8Array> {
  return pieces((into) => system.files.read(descriptor, into));
}

/** From the first byte, whoever has read before: the descriptor must be a file. */
export function readMessageAgain(system: System, descriptor: Descriptor): Generator<Uint8Array> {
  return pieces((into, offset) => system.files.readAt(descriptor, into, offset));
}
