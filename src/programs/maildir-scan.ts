/** What is in a Maildir (maildir(5)), for the programs that take mail out of it or show it. */
import type { ByteString, FileStatus, System } from '../system/index.ts';

export interface MaildirFile {
  /** new/NAME or cur/NAME. */
  readonly name: ByteString;
  /** Where it is. */
  readonly path: ByteString;
  readonly modifiedMs: number;
}

/** A file under tmp that nobody has touched for so long was left behind by a delivery that has failed. */
const leftBehindMs = 36 * 60 * 60 * 1000;

/** Names that begin with a dot mean nothing in a Maildir. */
function namesIn(system: System, directory: ByteString): readonly ByteString[] {
  return system.files.list(directory).filter((name) => !name.startsWith('.'));
}

/** undefined when the file is gone: other programs take mail too. */
function statusOf(system: System, path: ByteString): FileStatus | undefined {
  try {
    return system.files.status(path);
  } catch {
    // Whatever the reason: what cannot be looked at is left where it is.
    return undefined;
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/**
 * The messages, the oldest first. What has arrived within this very second is left for the next time, when it is known
 * what came before what.
 */
export function scanMaildir(
  system: System,
  directory: ByteString,
  parts: readonly ('new' | 'cur')[],
): readonly MaildirFile[] {
  const now = secondOf(system.now());
  const found: MaildirFile[] = [];
  for (const part of parts) {
    for (const entry of namesIn(system, `${directory}/${part}`)) {
      const name = `${part}/${entry}`;
      const path = `${directory}/${name}`;
      const status = statusOf(system, path);
      if (status?.kind !== 'file' || secondOf(status.modifiedMs) >= now) continue;
      found.push({ name, path, modifiedMs: status.modifiedMs });
    }
  }
  return found.sort(
    (one, other) => secondOf(one.modifiedMs) - secondOf(other.modifiedMs) || (one.name < other.name ? -1 : 1),
  );
}

/** Removes what deliveries have left behind. Whatever fails, the mail is not affected, so nothing is said. */
export function cleanMaildir(system: System, directory: ByteString): void {
  try {
    for (const name of namesIn(system, `${directory}/tmp`)) {
      const path = `${directory}/tmp/${name}`;
      const status = statusOf(system, path);
      if (status?.kind === 'file' && system.now() - status.touchedMs > leftBehindMs)
        system.files.unlink(path);
    }
  } catch {
    // The next program that looks into the Maildir tries again.
  }
}
