/**
 * Which satellite has which key: the files in control/satellites. A change holds from the next connection on, without
 * a signal: the directory is read again when it has changed, a satellite's own file when that has, and everything, at
 * most once a second, when a key is not known.
 */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { type ByteString, errorCode, errorText } from '../../system/index.ts';
import { isSatelliteName, parseSatelliteFile, type SatellitePolicy } from './satellite-file.ts';

export interface Satellite {
  readonly name: ByteString;
  readonly policy: SatellitePolicy;
}

export interface Register {
  /** The satellite with this key; undefined when there is none. */
  find(fingerprint: ByteString): Satellite | undefined;
}

export interface RegisterOptions {
  /** control/satellites */
  readonly directory: string;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  /** Takes a line about a file that cannot be used. */
  log(line: string): void;
}

/** How long an unknown key is answered from memory. */
const rereadMs = 1000;

interface Entry {
  readonly stamp: string;
  /** Undefined when the file cannot be used. */
  readonly satellite: Satellite | undefined;
}

/** Changes when a file or a directory does. */
function stampOf(path: string): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? '' : [status.ino, status.size, status.mtimeNs, status.ctimeNs].join(' ');
}

export function openRegister({ directory, monotonic, log }: RegisterOptions): Register {
  const entries = new Map<ByteString, Entry>();
  const owners = new Map<ByteString, ByteString>();
  let stamp: string | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;

  function readOne(name: ByteString): void {
    const path = `${directory}/${name}`;
    const before = stampOf(path);
    if (entries.get(name)?.stamp === before) return;
    let satellite: Satellite | undefined;
    try {
      satellite = { name, policy: parseSatelliteFile(readFileSync(path, 'latin1')) };
    } catch (error) {
      // It was there a moment ago, and is no satellite any more.
      if (errorCode(error) !== 'ENOENT') log(`alert: control/satellites/${name}: ${errorText(error)}`);
    }
    entries.set(name, { stamp: before, satellite });
  }

  function index(): void {
    owners.clear();
    for (const [name, { satellite }] of entries) {
      for (const key of satellite?.policy.keys ?? []) {
        const other = owners.get(key);
        if (other !== undefined) log(`alert: control/satellites: ${name} and ${other} have the same key`);
        owners.set(key, name);
      }
    }
  }

  function readAll(): void {
    stamp = stampOf(directory);
    readAtMs = monotonic();
    let found: Dirent[] = [];
    try {
      found = readdirSync(directory, { withFileTypes: true });
    } catch (error) {
      log(`alert: control/satellites: ${errorText(error)}`);
    }
    const names = new Set(found.filter((entry) => !entry.isDirectory()).map((entry) => entry.name));
    for (const name of entries.keys()) if (!names.has(name)) entries.delete(name);
    for (const name of [...names].sort()) if (isSatelliteName(name)) readOne(name);
    index();
  }

  /** Looks at the file of a key's owner again; it may have changed, or lost the key. */
  function current(fingerprint: ByteString): Satellite | undefined {
    const name = owners.get(fingerprint);
    if (name === undefined) return undefined;
    const before = entries.get(name);
    readOne(name);
    const entry = entries.get(name);
    if (entry !== before) index();
    return entry?.satellite?.policy.keys.includes(fingerprint) ? entry.satellite : undefined;
  }

  return {
    find(fingerprint) {
      if (stampOf(directory) !== stamp) readAll();
      const known = current(fingerprint);
      if (known !== undefined || monotonic() - readAtMs < rereadMs) return known;
      readAll();
      return current(fingerprint);
    },
  };
}
