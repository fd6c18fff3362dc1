/**
 * A message and its envelope as the bytes of a QMQP request:
 *
 *     package = netstring( netstring(message) netstring(sender) *netstring(recipient) )
 *
 * The message is passed on piece by piece and never gathered. Small parts are packed together, so that an ordinary
 * submission is one write.
 */
import type { ByteString } from '../src/system/index.ts';
import { framingBytes } from './netstring.ts';

export interface PackageEnvelope {
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
}

/** A message whose size is known before its first byte is asked for. */
export interface PackageMessage {
  readonly sizeBytes: number;
  /** The bytes from the start, each time it is called; a piece may be used again when the next is asked for. */
  chunks(): Iterable<Uint8Array>;
}

export interface Package {
  readonly sizeBytes: number;
  /** The bytes from the start, each time it is called; a piece is valid until the next one is asked for. */
  pieces(): Generator<Uint8Array>;
}

/** The size of the buffer in which parts are packed: a message that is held in memory goes out in one piece. */
const pieceBytesMax = 128 * 1024;

/** With an empty buffer, a part of this size is not worth a copy. */
const directBytesMin = 32 * 1024;

function netstringBytes(bodyBytes: number): number {
  return bodyBytes + framingBytes(bodyBytes);
}

export function formatPackage(message: PackageMessage, envelope: PackageEnvelope): Package {
  const addresses = [envelope.sender, ...envelope.recipients];
  let bodyBytes = netstringBytes(message.sizeBytes);
  for (const address of addresses) bodyBytes += netstringBytes(address.length);
  const sizeBytes = netstringBytes(bodyBytes);

  function* pieces(): Generator<Uint8Array> {
    const buffer = new Uint8Array(Math.min(sizeBytes, pieceBytesMax));
    let used = 0;

    /** Packs text as far as the buffer reaches, and answers how many bytes of it that were. */
    const pack = (text: ByteString, from: number): number => {
      const count = Math.min(text.length - from, buffer.length - used);
      for (let index = 0; index < count; index += 1) {
        const code = text.charCodeAt(from + index);
        if (code > 255) throw new RangeError(`not a byte string: code unit ${code}`);
        buffer[used + index] = code;
      }
      used += count;
      return count;
    };
    function* put(text: ByteString): Generator<Uint8Array> {
      let done = pack(text, 0);
      while (done < text.length) {
        yield buffer.subarray(0, used);
        used = 0;
        done += pack(text, done);
      }
    }

    yield* put(`${bodyBytes}:${message.sizeBytes}:`);
    let messageBytes = 0;
    for (const chunk of message.chunks()) {
      messageBytes += chunk.length;
      if (messageBytes > message.sizeBytes) break;
      if (used > 0 && used + chunk.length > buffer.length) {
        yield buffer.subarray(0, used);
        used = 0;
      }
      if (used === 0 && chunk.length >= directBytesMin) {
        yield chunk;
      } else {
        buffer.set(chunk, used);
        used += chunk.length;
      }
    }
    if (messageBytes !== message.sizeBytes) {
      throw new Error(`a message of ${message.sizeBytes} bytes has brought ${messageBytes}`);
    }
    yield* put(',');
    for (const address of addresses) yield* put(`${address.length}:${address},`);
    yield* put(',');
    if (used > 0) yield buffer.subarray(0, used);
  }

  return { sizeBytes, pieces };
}
