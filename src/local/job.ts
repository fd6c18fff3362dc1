/** What a delivery is asked to do, and with what. */
import type { MessageBody } from '../mail/index.ts';
import type { Queue } from '../submit/index.ts';
import type { ByteString, System } from '../system/index.ts';
import type { Disk } from './disk.ts';

/** Where a user's instructions are. */
export interface LocalUser {
  /** The path of the home directory. */
  readonly home: ByteString;
  /** What stands between the user's name and the extension in the local part, and the extension, as it was written. */
  readonly dash: ByteString;
  readonly extension: ByteString;
  /** The default delivery: lines of the .qmail notation, for a user who has no instructions of his own. */
  readonly delivery: ByteString;
}

/** One message for one recipient, local@domain; a virtual domain's prefix is already in `local`. */
export interface LocalJob extends LocalUser {
  /** The account's name: $USER of programs. */
  readonly user: ByteString;
  readonly local: ByteString;
  readonly domain: ByteString;
  readonly sender: ByteString;
  readonly body: MessageBody;
  readonly nowMs: number;
}

export interface LocalMeans {
  readonly system: System;
  /** Takes what is forwarded. */
  readonly queue: Queue;
  /** How long one program may run. */
  readonly programMsMax?: number;
  /** How long a program that is told to end has before it is killed. */
  readonly programEndMs?: number;
  /** How much one program may print before it is ended. */
  readonly programOutputBytesMax?: number;
  /**
   * Where programs print to. `captured`, the default: into the report. `inherited`: to our own descriptors 1 and 2, whose
   * reader sets the limits then.
   */
  readonly programOutput?: 'captured' | 'inherited';
  /** Which disk a Maildir delivery of so many bytes uses; without it the calls are made on the thread pool. */
  diskFor?(sizeBytes: number): Disk;
  /** Ends programs that run, and defers their deliveries. */
  readonly signal?: AbortSignal;
}
