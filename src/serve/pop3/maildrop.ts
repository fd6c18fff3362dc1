/**
 * A Maildir as one session of POP3 sees it: what was there when it began, the oldest message first. Nothing in it changes
 * before `commit`. Another program may take messages away or move them meanwhile: they are found again, or missing.
 */
import { createOctetCount, octetsInName } from '../../mail/index.ts';
import type { ByteString, Descriptor, Files } from '../../system/index.ts';
import { errorCode } from '../../system/index.ts';
import { baseOf, uniqueId } from './unique-id.ts';

export interface Maildrop {
  readonly count: number;
  /** Octets as they are sent; 0 when the message cannot be read. Numbers of messages are from 0. */
  octets(number: number): number;
  uniqueId(number: number): string;
  /** Pieces of the file, each good until the next. Throws ENOENT when the message is there no more. */
  read(number: number): Iterable<Uint8Array>;
  /** Removes messages, and moves the others that are new to where readers have what they know. True: all was done. */
  commit(removed: ReadonlySet<number>): boolean;
}

export interface MaildropOptions {
  readonly files: Files;
  /** The Maildir. */
  readonly path: ByteString;
  readonly messagesMax: number;
}

interface Entry {
  /** new or cur, a slash, and the name. */
  path: ByteString;
  readonly modifiedMs: number;
  octets: number | undefined;
}

const readBytes = 65_536;

const knownFlags = ':2,';

function nameOf(path: ByteString): ByteString {
  return path.slice(path.indexOf('/') + 1);
}

/** All messages; those over the limit are left for another session. */
function scan({ files, path, messagesMax }: MaildropOptions): Entry[] {
  const entries: Entry[] = [];
  for (const folder of ['new', 'cur']) {
    files.visit(`${path}/${folder}`, (name) => {
      if (name.startsWith('.') || entries.length >= messagesMax) return;
      const entry = `${folder}/${name}`;
      try {
        const { kind, modifiedMs } = files.status(`${path}/${entry}`);
        if (kind === 'file') entries.push({ path: entry, modifiedMs, octets: octetsInName(name) });
      } catch (error) {
        // Somebody was faster.
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    });
  }
  const byName = (one: ByteString, other: ByteString) => (one < other ? -1 : one > other ? 1 : 0);
  return entries.sort(
    (one, other) => one.modifiedMs - other.modifiedMs || byName(nameOf(one.path), nameOf(other.path)),
  );
}

/** Throws when the Maildir cannot be read. */
export function openMaildrop(options: MaildropOptions): Maildrop {
  const { files, path } = options;
  const entries = scan(options);
  const buffer = new Uint8Array(readBytes);

  function entryOf(number: number): Entry {
    const entry = entries[number];
    if (entry === undefined) throw new RangeError(`there is no message ${number}`);
    return entry;
  }

  /** Where messages are now that were elsewhere, by their names up to the colon. */
  function placesNow(): ReadonlyMap<ByteString, ByteString> {
    const places = new Map<ByteString, ByteString>();
    for (const folder of ['new', 'cur'])
      files.visit(`${path}/${folder}`, (name) => places.set(baseOf(name), `${folder}/${name}`));
    return places;
  }

  /** Does something with a message's file; when it has another name by now, with that. */
  function withFile<Result>(entry: Entry, work: (file: ByteString) => Result): Result {
    try {
      return work(`${path}/${entry.path}`);
    } catch (error) {
      const place = errorCode(error) === 'ENOENT' ? placesNow().get(baseOf(nameOf(entry.path))) : undefined;
      if (place === undefined) throw error;
      entry.path = place;
      return work(`${path}/${place}`);
    }
  }

  function* piecesOf(descriptor: Descriptor): Generator<Uint8Array> {
    try {
      for (;;) {
        const length = files.read(descriptor, buffer);
        if (length === 0) return;
        yield buffer.subarray(0, length);
      }
    } finally {
      files.close(descriptor);
    }
  }

  const read = (number: number) => piecesOf(withFile(entryOf(number), (file) => files.openEntry(file)[0]));

  function countOctets(number: number): number {
    const count = createOctetCount();
    try {
      for (const piece of read(number)) count.feed(piece);
    } catch {
      // Whoever asks for the message is told why.
      return 0;
    }
    return count.total();
  }

  return {
    count: entries.length,
    octets(number) {
      const entry = entryOf(number);
      entry.octets ??= countOctets(number);
      return entry.octets;
    },
    uniqueId: (number) => uniqueId(nameOf(entryOf(number).path)),
    read,
    commit(removed) {
      let allDone = true;
      for (const [number, entry] of entries.entries()) {
        try {
          if (removed.has(number)) withFile(entry, (file) => files.unlink(file));
          else if (entry.path.startsWith('new/')) {
            const name = nameOf(entry.path);
            files.rename(`${path}/${entry.path}`, `${path}/cur/${name}${knownFlags}`);
          }
        } catch (error) {
          if (errorCode(error) !== 'ENOENT') allDone = false;
        }
      }
      return allDone;
    },
  };
}
