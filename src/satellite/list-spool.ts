/** What is in a spool, message by message, the oldest first: those that wait, then those that were set aside. */
import type { PackageEnvelope } from '../../qmqp/index.ts';
import { type ByteString, errorCode, errorText, type System } from '../system/index.ts';
import { type Entry, parseSpoolName } from './entry-name.ts';
import { spoolPaths } from './spool-paths.ts';
import type { SpoolSettings } from './spool-settings.ts';
import { openStored } from './stored-package.ts';

export interface SpooledMessage {
  readonly entry: Entry;
  /** It will not be sent: it lies in SPOOL/failed. */
  readonly isFailed: boolean;
  /** Undefined when it cannot be read; `problem` says why. */
  readonly envelope: PackageEnvelope | undefined;
  readonly problem: string | undefined;
}

interface Named {
  readonly name: ByteString;
  readonly entry: Entry;
}

/** Names of entries, which sort by age. A directory that was never made is empty. */
export function entriesIn(system: System, directory: ByteString): readonly Named[] {
  const found: Named[] = [];
  try {
    system.files.visit(directory, (name) => {
      const parsed = parseSpoolName(name);
      if (parsed.kind === 'entry') found.push({ name, entry: parsed.entry });
    });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Undefined when it has gone meanwhile. */
function read(
  system: System,
  directory: ByteString,
  { name, entry }: Named,
  isFailed: boolean,
): SpooledMessage | undefined {
  try {
    const stored = openStored(system, `${directory}/${name}`);
    try {
      return { entry, isFailed, envelope: stored.envelope(), problem: undefined };
    } finally {
      stored.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    return { entry, isFailed, envelope: undefined, problem: errorText(error) };
  }
}

export function* listSpool(system: System, settings: SpoolSettings): Iterable<SpooledMessage> {
  const { queue, failed } = spoolPaths(settings.directory);
  for (const directory of [queue, failed]) {
    for (const named of entriesIn(system, directory)) {
      const message = read(system, directory, named, directory === failed);
      if (message !== undefined) yield message;
    }
  }
}
