/**
 * A package in the spool. It goes to a hub as it is, without a look inside; only a bounce and a list of what waits read
 * its message and its envelope. Memory stays flat whatever the size.
 */
import { createPackageParser, type Package, type PackageEnvelope } from '../../qmqp/index.ts';
import type { MessageBody } from '../mail/index.ts';
import { type ByteString, bytesOf, type Descriptor, type System, textOf } from '../system/index.ts';

export interface StoredPackage {
  readonly pack: Package;
  readonly message: MessageBody;
  /** Throws when it is malformed. */
  envelope(): PackageEnvelope;
  close(): void;
}

/** Two lengths of up to ten digits, and what is read of an ordinary message at once. */
const headBytes = 24;
const readBytes = 65_536;

const digits = '0123456789';
const lengthDigitsMax = 10;

/** What may stand in an envelope that qmail-qmqpc has taken, and more. */
const envelopeLimits = {
  messageBytesMax: 0,
  addressBytesMax: 1_000_000,
  recipientsMax: 10_000_000,
  envelopeBytesMax: 1_000_000_000,
};

interface Length {
  readonly value: number;
  /** Where what it announces begins. */
  readonly end: number;
}

/** `1*DIGIT ":"` */
function readLength(head: ByteString, start: number): Length {
  let end = start;
  while (end < head.length && digits.includes(head.charAt(end)) && end - start < lengthDigitsMax) end += 1;
  if (end === start || head.charAt(end) !== ':') throw new Error('it is no QMQP package');
  return { value: Number(head.slice(start, end)), end: end + 1 };
}

function* piecesOf(
  system: System,
  file: Descriptor,
  start: number,
  sizeBytes: number,
): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(readBytes, sizeBytes));
  let done = 0;
  while (done < sizeBytes) {
    const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - done));
    const count = system.files.readAt(file, piece, start + done);
    if (count === 0) throw new Error('it is shorter than its first bytes say');
    done += count;
    yield piece.subarray(0, count);
  }
}

/** Throws a SystemError when it cannot be read, and an Error when it is no package. The caller closes it. */
export function openStored(system: System, path: ByteString): StoredPackage {
  const file = system.files.open(path, 'read');
  try {
    const buffer = new Uint8Array(headBytes);
    const head = textOf(buffer, 0, system.files.readAt(file, buffer, 0));
    const outer = readLength(head, 0);
    const inner = readLength(head, outer.end);
    const sizeBytes = outer.end + outer.value + 1;
    const envelopeStart = inner.end + inner.value + 1;
    if (envelopeStart >= sizeBytes) throw new Error('its message is longer than the package');

    /** The envelope as it would stand behind an empty message. */
    function envelope(): PackageEnvelope {
      const tailBytes = sizeBytes - 1 - envelopeStart;
      const parser = createPackageParser(envelopeLimits, { begin() {}, message() {} });
      let state = parser.feed(bytesOf(`${tailBytes + 3}:0:,`));
      for (const piece of piecesOf(system, file, envelopeStart, tailBytes + 1)) state = parser.feed(piece);
      if (state.state !== 'complete') throw new Error('its envelope is malformed');
      return state.envelope;
    }

    return {
      pack: { sizeBytes, pieces: () => piecesOf(system, file, 0, sizeBytes) },
      message: {
        sizeBytes: inner.value,
        chunks: () => piecesOf(system, file, inner.end, inner.value),
      },
      envelope,
      close: () => system.files.close(file),
    };
  } catch (error) {
    system.files.close(file);
    throw error;
  }
}

/** Whether a file is a whole package: what was written and synced before it got its name always is. */
export function isWhole(system: System, path: ByteString): boolean {
  let stored: StoredPackage | undefined;
  try {
    stored = openStored(system, path);
    stored.envelope();
    return system.files.status(path).sizeBytes === stored.pack.sizeBytes;
  } catch {
    return false;
  } finally {
    stored?.close();
  }
}
