/** The system contract in memory: what a program reads is given, what it writes is kept. */
import { type ByteString, bytesOf, type System, SystemError, textOf } from '../../src/system/index.ts';
import { inPieces } from './pieces.ts';

export interface MemoryWorld {
  readonly args?: readonly ByteString[];
  readonly env?: Readonly<Record<string, ByteString>>;
  /** Contents by path. */
  readonly files?: Readonly<Record<string, ByteString>>;
  readonly stdin?: ByteString;
  /** Sizes of the pieces in which descriptor 0 is read, the last one again and again. */
  readonly pieces?: readonly number[];
  readonly nowMs?: number;
}

export interface MemorySystem {
  readonly system: System;
  /** What was written on descriptors 1 and 2. */
  output(descriptor: 1 | 2): ByteString;
}

const firstDescriptor = 10;

export function memorySystem(world: MemoryWorld = {}): MemorySystem {
  const written: [ByteString, ByteString] = ['', ''];
  const opened: { bytes: Uint8Array; offset: number }[] = [];
  const input = inPieces(
    bytesOf(world.stdin ?? ''),
    (world.pieces ?? []).filter((size) => size > 0),
  );
  let unread: Uint8Array = new Uint8Array(0);

  function readInput(into: Uint8Array): number {
    if (unread.length === 0) unread = input.next().value ?? unread;
    const count = Math.min(into.length, unread.length);
    into.set(unread.subarray(0, count));
    unread = unread.subarray(count);
    return count;
  }

  function fileAt(descriptor: number) {
    const file = opened[descriptor - firstDescriptor];
    if (file === undefined) throw new SystemError('EBADF', `descriptor ${descriptor} is not open`);
    return file;
  }

  function readAt(descriptor: number, into: Uint8Array, offset: number): number {
    const { bytes } = fileAt(descriptor);
    const piece = bytes.subarray(offset, offset + into.length);
    into.set(piece);
    return piece.length;
  }

  function open(bytes: Uint8Array): number {
    opened.push({ bytes, offset: 0 });
    return firstDescriptor + opened.length - 1;
  }

  const absent = (): never => {
    throw new Error('this test does not expect the call');
  };

  const system: System = {
    args: world.args ?? [],
    pid: 42,
    uid: 1000,
    env: (name) => world.env?.[name],
    now: () => world.nowMs ?? 0,
    monotonic: () => 0,
    pause: absent,
    random: (sizeBytes) => new Uint8Array(sizeBytes).fill(1),
    run: absent,
    network: {
      resolve: absent,
      connect: absent,
      connectDatagram: absent,
      connectLocal: absent,
      connectProgram: absent,
      listenLocal: absent,
    },
    files: {
      open(path) {
        const text = world.files?.[path];
        if (text === undefined) throw new SystemError('ENOENT', `${path}: no such file`);
        return open(bytesOf(text));
      },
      openLocked: absent,
      openTemporary: () => open(new Uint8Array(0)),
      close: () => {},
      read(descriptor, into) {
        if (descriptor === 0) return readInput(into);
        const count = readAt(descriptor, into, fileAt(descriptor).offset);
        fileAt(descriptor).offset += count;
        return count;
      },
      readAt,
      write(descriptor, bytes) {
        if (descriptor !== 1 && descriptor !== 2) absent();
        written[descriptor - 1] += textOf(bytes);
      },
      writeAt(descriptor, bytes, offset) {
        const file = fileAt(descriptor);
        const grown = new Uint8Array(Math.max(file.bytes.length, offset + bytes.length));
        grown.set(file.bytes);
        grown.set(bytes, offset);
        file.bytes = grown;
      },
      sync: absent,
      syncAside: absent,
      rename: absent,
      unlink: absent,
      unlinkAside: absent,
      makeDirectory: absent,
      list: absent,
      visit: absent,
      freeBytes: absent,
      isTerminal: () => false,
      status: absent,
      entryStatus: absent,
      openEntry: absent,
      setMode: absent,
      setOwner: absent,
    },
  };
  return { system, output: (descriptor) => written[descriptor - 1] ?? '' };
}
