/** What qmail-satellites changes: the files of satellites, and this hub's own key. Each is written whole or not at all. */
import {
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Account } from '../process/index.ts';
import { isSatelliteName, keysMax, parseSatelliteFile } from '../serve/index.ts';

export interface SatelliteFiles {
  /** Where they are: control/satellites. */
  readonly directory: string;
  names(): readonly string[];
  /** Undefined when there is no such satellite. */
  text(name: string): string | undefined;
  write(name: string, text: string): void;
  rename(from: string, to: string): void;
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Replaces a file, or makes it, with all of its bytes on the disk. */
export function replaceFile(path: string, text: string, mode: number, owner?: Account): void {
  const fresh = `${dirname(path)}/.new-${process.pid}`;
  const descriptor = openSync(fresh, 'wx', mode);
  try {
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
    writeSync(descriptor, text, null, 'latin1');
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
  syncDirectory(dirname(path));
}

/** Makes control/satellites, and in it what the server writes: that belongs to whom the server runs as. */
export function makeSatelliteDirectories(directory: string, owner: Account | undefined): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const name of ['.requests', '.heard']) {
    mkdirSync(`${directory}/${name}`, { recursive: true, mode: 0o755 });
    if (owner !== undefined) chownSync(`${directory}/${name}`, owner.uid, owner.gid);
  }
}

/** Throws when there is no such directory, or a name is none. */
export function openSatelliteFiles(directory: string): SatelliteFiles {
  if (!existsSync(directory)) throw new Error(`${directory} is missing: qmail-satellites init makes it`);
  const pathOf = (name: string) => {
    if (!isSatelliteName(name))
      throw new Error(`${name}: a satellite's name is made of a-z, 0-9, dots, hyphens and underscores`);
    return `${directory}/${name}`;
  };
  return {
    directory,
    names: () => readdirSync(directory).filter(isSatelliteName).sort(),
    text: (name) => (existsSync(pathOf(name)) ? readFileSync(pathOf(name), 'latin1') : undefined),
    write(name, text) {
      // What a server would not understand is not written.
      parseSatelliteFile(text);
      replaceFile(pathOf(name), text, 0o644);
    },
    rename(from, to) {
      if (existsSync(pathOf(to))) throw new Error(`there is a satellite ${to}`);
      renameSync(pathOf(from), pathOf(to));
      const heard = `${directory}/.heard`;
      if (existsSync(`${heard}/${from}`)) renameSync(`${heard}/${from}`, `${heard}/${to}`);
      syncDirectory(directory);
    },
  };
}

/** The lines, without the one that says that the satellite is revoked. */
function withoutRevoked(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== 'revoked')
    .join('\n');
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Throws when it has as many keys as it may. */
export function withKey(text: string, fingerprint: string): string {
  const { keys } = parseSatelliteFile(text);
  const allowed = withoutRevoked(text);
  if (keys.includes(fingerprint)) return ended(allowed);
  if (keys.length >= keysMax) throw new Error(`it has ${keysMax} keys: drop one of them first`);
  return `${ended(allowed)}key ${fingerprint}\n`;
}

/** Throws when it has no such key. */
export function withoutKey(text: string, fingerprint: string): string {
  if (!parseSatelliteFile(text).keys.includes(fingerprint)) throw new Error(`it has no key ${fingerprint}`);
  const lines = text.split('\n');
  return lines.filter((line) => !line.toLowerCase().includes(fingerprint)).join('\n');
}

export function revoked(text: string): string {
  return parseSatelliteFile(text).revoked ? text : `${ended(text)}revoked\n`;
}
