/**
 * A package in the spool. It goes to a hub as it is, without a look inside; only a bounce and a list of what waits read
 * its message and its envelope. Memory stays flat whatever the size; an ordinary message is read by one call, and its
 * file is open no longer than that.
 */
import { createPackageParser, type Package, type PackageEnvelope } from '../../qmqp/index.ts';
import type { MessageBody } from '../mail/index.ts';
import {
  type ByteString,
  bytesOf,
  type Descriptor,
  errorCode,
  type System,
  textOf,
} from '../system/index.ts';

export interface StoredPackage {
  readonly pack: Package;
  readonly message: MessageBody;
  /** Throws when it is malformed. */
  envelope(): PackageEnvelope;
  close(): void;
}

/** Two lengths of up to ten digits. */
const headBytes = 24;

/** What is read at once. */
const readBytes = 65_536;
const readBytesSmall = 8192;

/** To be used for one package after the other. */
export function packageBuffer({ isSmall = false }: System): Uint8Array {
  return new Uint8Array(isSmall ? readBytesSmall : readBytes);
}

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
  buffer: Uint8Array,
  start: number,
  sizeBytes: number,
): Generator<Uint8Array> {
  let done = 0;
  while (done < sizeBytes) {
    const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - done));
    const count = system.files.readAt(file, piece, start + done);
    if (count === 0) throw new Error('it is shorter than its first bytes say');
    done += count;
    yield piece.subarray(0, count);
  }
}

interface Outline {
  readonly sizeBytes: number;
  readonly messageStart: number;
  readonly messageBytes: number;
  readonly envelopeStart: number;
}

function readOutline(head: ByteString): Outline {
  const outer = readLength(head, 0);
  const inner = readLength(head, outer.end);
  const sizeBytes = outer.end + outer.value + 1;
  const envelopeStart = inner.end + inner.value + 1;
  if (envelopeStart >= sizeBytes) throw new Error('its message is longer than the package');
  return { sizeBytes, messageStart: inner.end, messageBytes: inner.value, envelopeStart };
}

type Pieces = (start: number, sizeBytes: number) => Generator<Uint8Array>;

function packageOf(outline: Outline, pieces: Pieces, close: () => void): StoredPackage {
  const { sizeBytes, messageStart, messageBytes, envelopeStart } = outline;
  return {
    pack: { sizeBytes, pieces: () => pieces(0, sizeBytes) },
    message: { sizeBytes: messageBytes, chunks: () => pieces(messageStart, messageBytes) },
    /** As it would stand behind an empty message. */
    envelope() {
      const tailBytes = sizeBytes - 1 - envelopeStart;
      const parser = createPackageParser(envelopeLimits, { begin() {}, message() {} });
      let state = parser.feed(bytesOf(`${tailBytes + 3}:0:,`));
      for (const piece of pieces(envelopeStart, tailBytes + 1)) state = parser.feed(piece);
      if (state.state !== 'complete') throw new Error('its envelope is malformed');
      return state.envelope;
    },
    close,
  };
}

/**
 * Throws a SystemError when it cannot be read, and an Error when it is no package. The caller closes it, and leaves the
 * buffer alone until then.
 */
export function openStored(
  system: System,
  path: ByteString,
  buffer: Uint8Array = packageBuffer(system),
): StoredPackage {
  const file = system.files.open(path, 'read');
  let isHeld = true;
  try {
    const begun = buffer.subarray(0, system.files.readAt(file, buffer, 0));
    const outline = readOutline(textOf(begun, 0, Math.min(headBytes, begun.length)));
    isHeld = outline.sizeBytes <= begun.length;
    if (!isHeld) {
      return packageOf(
        outline,
        (start, sizeBytes) => piecesOf(system, file, buffer, start, sizeBytes),
        () => system.files.close(file),
      );
    }
    function* pieceOf(start: number, sizeBytes: number): Generator<Uint8Array> {
      if (sizeBytes > 0) yield begun.subarray(start, start + sizeBytes);
    }
    return packageOf(outline, pieceOf, () => {});
  } finally {
    if (isHeld) system.files.close(file);
  }
}

/**
 * Whether a file is a whole package: what was written and synced before it got its name always is. Throws a SystemError
 * when it is there and cannot be read now: nothing is known of it then.
 */
export function isWhole(system: System, path: ByteString): boolean {
  let stored: StoredPackage | undefined;
  try {
    stored = openStored(system, path);
    stored.envelope();
    return system.files.status(path).sizeBytes === stored.pack.sizeBytes;
  } catch (error) {
    const code = errorCode(error);
    if (code !== '' && code !== 'ENOENT') throw error;
    return false;
  } finally {
    stored?.close();
  }
}
