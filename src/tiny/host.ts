/**
 * What the host in C gives to the binding: system calls, and nothing that decides (host.c, calls.c). Texts are byte
 * strings. A number is what the call answers, or, below 0, -errno. An argument of the wrong kind is a bug and throws.
 */
import type { ByteString, Descriptor } from '../system/index.ts';

/** How a file is opened, by the numbers of calls.c; always closed on exec. */
export const openHow = {
  read: 0,
  create: 1,
  replace: 2,
  append: 3,
  /** For reading and writing; must not exist. */
  temporary: 4,
  /** For appending, without waiting for who reads from a FIFO. */
  lockable: 5,
  /** For reading, no symbolic link, without waiting for who writes into a FIFO. */
  entry: 6,
} as const;

/** What poll waits for. */
export const pollFor = { input: 0, output: 1 } as const;

/** Numbers of an answer of `status`, in its order. */
export const statusNumbers = 11;

export interface Host {
  readonly arguments: readonly ByteString[];
  readonly pid: number;
  readonly uid: number;
  /** ENOENT and so on; '' for a number that is none. */
  errorName(number: number): string;
  errorText(number: number): string;
  variable(name: ByteString): ByteString | undefined;
  /** Every variable, as NAME=VALUE. */
  environment(): readonly ByteString[];
  now(): number;
  monotonic(): number;
  /** Fills at most 256 bytes. */
  random(into: Uint8Array): number;

  open(path: ByteString, how: number, mode: number): number;
  close(descriptor: Descriptor): number;
  /** At an offset, or, below 0, at the descriptor's position. */
  read(descriptor: Descriptor, into: Uint8Array, offsetBytes: number): number;
  write(descriptor: Descriptor, bytes: Uint8Array, offsetBytes: number): number;
  sync(descriptor: Descriptor): number;
  /** Locks as flock(2) does, and does not wait: EAGAIN. */
  lock(descriptor: Descriptor): number;
  rename(from: ByteString, to: ByteString): number;
  unlink(path: ByteString): number;
  makeDirectory(path: ByteString, mode: number): number;
  setMode(path: ByteString, mode: number): number;
  setOwner(descriptor: Descriptor, uid: number): number;
  list(directory: ByteString, take: (name: ByteString) => void): number;
  freeBytes(path: ByteString): number;
  /** 1 or 0. */
  isTerminal(descriptor: Descriptor): number;
  /**
   * Of a path or of a descriptor: kind (0 file, 1 directory, 2 other), size, device and inode in halves of 32 bits, mode,
   * uid, links, and in milliseconds when it was modified and when it was last touched.
   */
  status(of: ByteString | Descriptor, followLinks: boolean, into: Float64Array): number;

  /** A socket that never waits, for addresses of this family. */
  socket(address: ByteString, isDatagram: boolean): number;
  /** EINPROGRESS when it needs time: when the socket is ready for output, `socketError` says how it went. */
  connect(descriptor: Descriptor, address: ByteString, port: number): number;
  localSocket(): number;
  connectLocal(descriptor: Descriptor, path: ByteString): number;
  /** 0, or the error that the socket has met. */
  socketError(descriptor: Descriptor): number;
  /** 1 when there is something, 0 after the time (in milliseconds; below 0: no limit). Descriptor -1 only waits. */
  poll(descriptor: Descriptor, what: number, timeoutMs: number): number;

  /**
   * The same for several at once, each of which is three numbers: its descriptor, what to wait for, and, as the answer, 1 if
   * it is ready and else 0. Answers how many are.
   */
  pollAll(waits: Int32Array, timeoutMs: number): number;

  /** Two sockets that are connected: one that never waits, and one that does. */
  socketPair(into: Int32Array): number;

  /** Starts a program, whose path is the first word, and answers its process. Descriptor -1 stands for /dev/null. */
  start(
    words: readonly ByteString[],
    environment: readonly ByteString[],
    descriptors: readonly Descriptor[],
    leadsGroup: boolean,
  ): number;
  /** Waits for its end: its exit code, or 256 and the number of the signal. */
  wait(process: number): number;
  /** Ends a process group with SIGKILL, and waits for its leader. */
  end(process: number): number;
  exit(code: number): never;
  /** Whether anything is left to do that does not wait. */
  hasJobs(): boolean;
  /** Runs a part of the program, if it has not run, and answers its exports: what it has put into `parts` under its name. */
  load(part: string): unknown;
  readonly parts: Readonly<Record<string, unknown>>;
}
