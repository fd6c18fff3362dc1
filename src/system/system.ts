/**
 * The contract through which satellite code touches the world. Node fulfils it in node/; a host in C around an
 * embedded engine can fulfil it with calls that block, and one that waits for all peers. Descriptors and files are
 * synchronous. Names and sockets return promises.
 *
 * Every text here is a byte string (bytes.ts). What fails throws a SystemError whose `code` is the C library's
 * name of the error (ENOENT, EAGAIN, ETIMEDOUT ...).
 */
import type { ByteString } from './bytes.ts';

export type Descriptor = number;

/** `read`: existing file. `create`: must not exist. `replace`: emptied or made. `append`: made if missing. */
export type OpenMode = 'read' | 'create' | 'replace' | 'append';

export type FileKind = 'file' | 'directory' | 'other';

export interface FileStatus {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** The same for all paths that lead to this file, and different from that of any other file there is. */
  readonly identity: string;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  /** How many names it has. */
  readonly links: number;
  readonly modifiedMs: number;
  /** The latest time that is known of it: it was read, written, or changed in its names, owner or permissions. */
  readonly touchedMs: number;
}

export interface Files {
  /** Opens a file; descriptors are closed on exec. `mode` is for a file that is made, less the umask. */
  open(path: ByteString, how: OpenMode, mode?: number): Descriptor;
  /**
   * Opens a file for appending, makes it when it is missing, and waits up to `timeoutMs` for an exclusive flock(2) on it,
   * which goes with the descriptor. The path leads to the locked file, also when another took its place meanwhile.
   * Undefined: others hold the lock.
   */
  openLocked(path: ByteString, mode: number, timeoutMs: number): Descriptor | undefined;
  /** A new file for reading and writing that has no name any more and vanishes with its descriptor. */
  openTemporary(): Descriptor;
  close(descriptor: Descriptor): void;
  /** Reads at the descriptor's position; blocks; 0 at the end of the input. */
  read(descriptor: Descriptor, into: Uint8Array): number;
  /** Reads at an offset in bytes, for regular files; 0 at the end. */
  readAt(descriptor: Descriptor, into: Uint8Array, offsetBytes: number): number;
  /** Writes all of it at the descriptor's position; blocks. */
  write(descriptor: Descriptor, bytes: Uint8Array): void;
  /** Writes all of it at an offset in bytes and leaves the descriptor's position alone, for regular files. */
  writeAt(descriptor: Descriptor, bytes: Uint8Array, offsetBytes: number): void;
  /** Puts a file's bytes, or a directory's entries, on stable storage. */
  sync(descriptor: Descriptor): void;
  /** The same, while the caller goes on; the descriptor stays open until then. A blocking host does it at once. */
  syncAside(descriptor: Descriptor): Promise<void>;
  rename(from: ByteString, to: ByteString): void;
  unlink(path: ByteString): void;
  /** The same, while the caller goes on: what the disk makes a program wait for. A blocking host does it at once. */
  unlinkAside(path: ByteString): Promise<void>;
  makeDirectory(path: ByteString, mode: number): void;
  /** Names in a directory, without . and .., in no order. */
  list(directory: ByteString): readonly ByteString[];
  /** The same names one after another, for a directory that may hold very many. */
  visit(directory: ByteString, take: (name: ByteString) => void): void;
  /** Bytes that this process may still write on the disk where the path lies. */
  freeBytes(path: ByteString): number;
  /** Whether somebody looks at it. */
  isTerminal(descriptor: Descriptor): boolean;
  /** Follows symbolic links. */
  status(path: ByteString): FileStatus;
  /** Of what the path itself names: of a symbolic link, the link. */
  entryStatus(path: ByteString): FileStatus;
  /**
   * Opens for reading what somebody else may have put there: ELOOP for a symbolic link, and no waiting for whoever writes
   * into a FIFO. Answers the descriptor with the status of what was opened.
   */
  openEntry(path: ByteString): readonly [Descriptor, FileStatus];
  /** Sets permission bits, whatever the umask is. */
  setMode(path: ByteString, mode: number): void;
  /** Gives an open file or directory to another user; its group stays. Root alone can. */
  setOwner(descriptor: Descriptor, uid: number): void;
}

/** A connected stream socket, or a pair of descriptors that stand for one. */
export interface Stream {
  /** The next bytes, or undefined when the peer has closed its side. ETIMEDOUT after `timeoutMs` without any. */
  read(timeoutMs: number): Promise<Uint8Array | undefined>;
  /** Returns when the system has taken all bytes; the array may be used again then. */
  write(bytes: Uint8Array, timeoutMs: number): Promise<void>;
  close(): void;
}

/** A datagram socket that is joined to one peer, from a port that nobody can guess: what others send does not reach it. */
export interface DatagramSocket {
  /** Throws ECONNREFUSED when it is known that nobody is there. */
  send(bytes: Uint8Array): Promise<void>;
  /** The next datagram, its first 4,096 bytes. ETIMEDOUT after `timeoutMs` without any, ECONNREFUSED as above. */
  receive(timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

/** A Unix socket that listens. */
export interface LocalListener {
  /** The next connection, or undefined after `timeoutMs` without one. */
  accept(timeoutMs: number): Promise<Stream | undefined>;
  close(): void;
}

/** A path at which the socket is made, in place of what is there, with these permission bits; or a socket that listens already. */
export type LocalPlace =
  | { readonly path: ByteString; readonly mode: number }
  | { readonly descriptor: Descriptor };

/**
 * Somebody in TLS, known by a key and not by an address. A fingerprint is `sha256:` and the SHA-256 of the public key
 * (its SubjectPublicKeyInfo) in 64 hexadecimal digits.
 */
export interface SecurePeer {
  /** An IPv4 or IPv6 literal. */
  readonly address: ByteString;
  readonly port: number;
  /** The name that goes into the handshake (RFC 6066 3), if there is one. It proves nothing. */
  readonly serverName?: ByteString | undefined;
  /** The protocol within TLS (RFC 7301). */
  readonly protocol: ByteString;
  /** Fingerprints of the keys that the peer may have. */
  readonly pins: readonly ByteString[] | 'any';
  /** Our own private key and its certificate, in PEM, one after the other. */
  readonly identity: ByteString;
}

export interface SecureStream extends Stream {
  readonly peerFingerprint: ByteString;
}

/** Keys by which hosts know one another. */
export interface Identities {
  /** A new private key, and a certificate of it that has this name, in PEM. */
  make(name: ByteString): Promise<ByteString>;
  /** The fingerprint of an identity in PEM. Throws when it is none. */
  fingerprint(identity: ByteString): ByteString;
}

/** A program that stands between us and a peer. */
export interface ProgramPeer {
  /** An absolute path: it is searched for nowhere. */
  readonly program: ByteString;
  readonly args: readonly ByteString[];
  /** Variables set on top of the caller's environment. */
  readonly env?: Readonly<Record<string, ByteString>>;
}

export interface Network {
  /** Addresses of a host name, as the system's resolver orders them. A literal address answers itself. */
  resolve(name: ByteString): Promise<readonly ByteString[]>;
  /** Connects to an IPv4 or IPv6 literal. */
  connect(address: ByteString, port: number, timeoutMs: number): Promise<Stream>;
  /**
   * Connects in TLS 1.3. Throws EPROTO, with the reason, when the peer's key is not pinned, its certificate has expired,
   * or it speaks another version or protocol. A body without TLS does not have it.
   */
  connectSecure?(peer: SecurePeer, timeoutMs: number): Promise<SecureStream>;
  /** A datagram socket for an IPv4 or IPv6 literal. */
  connectDatagram(address: ByteString, port: number): Promise<DatagramSocket>;
  /** Connects to a Unix socket. */
  connectLocal(path: ByteString, timeoutMs: number): Promise<Stream>;
  /**
   * Starts a program: what it reads at its descriptor 0 and writes at 1 is the stream, its 2 is ours, and it has no
   * others. Closing the stream ends it with SIGKILL, and all of its process group, of which it is the leader. Throws
   * ENOENT or EACCES when it cannot be started. When it has ended and nobody has read all that was written, a read throws
   * an UnreadError; a body that cannot tell answers the end.
   */
  connectProgram(peer: ProgramPeer): Promise<Stream>;
  listenLocal(place: LocalPlace): Promise<LocalListener>;
}

/** What a program that is run finds at its descriptors: its number there, and ours. */
export type DescriptorMap = Readonly<Record<number, Descriptor>>;

export interface ProgramRun {
  readonly program: ByteString;
  readonly args: readonly ByteString[];
  readonly descriptors: DescriptorMap;
  /** Variables set on top of the caller's environment. */
  readonly env?: Readonly<Record<string, ByteString>>;
}

/** How a program ended: its exit code, or undefined when a signal ended it. */
export type ProgramExit = number | undefined;

export interface System {
  /** What follows the program's name on the command line. */
  readonly args: readonly ByteString[];
  readonly pid: number;
  readonly uid: number;
  readonly files: Files;
  readonly network: Network;
  /** A body without TLS does not have it. */
  readonly identities?: Identities;
  /** The body is for boxes with little memory: what is only remembered to save time is to be little. */
  readonly isSmall?: boolean;
  env(name: string): ByteString | undefined;
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  pause(ms: number): Promise<void>;
  random(sizeBytes: number): Uint8Array;
  /** Runs a program to its end. Throws ENOENT or EACCES when it cannot be started. */
  run(run: ProgramRun): ProgramExit;
}
