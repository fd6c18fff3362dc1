/**
 * Keys that nobody knows, as their owners have shown them: files in control/satellites/.requests, named after the
 * fingerprint, which hold the name that the certificate claims, the address, and the time. Anybody who reaches the port
 * can cause one, so they are few.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type ByteString, errorCode } from '../../system/index.ts';
import { isSatelliteName } from './satellite-file.ts';

export interface EnrolRequest {
  readonly fingerprint: ByteString;
  /** What it calls itself; '' when that is no name. */
  readonly name: ByteString;
  readonly ip: ByteString;
  readonly atMs: number;
}

export const requestsMax = 100;

/** An older one makes room. */
const requestMsMax = 7 * 86_400_000;

const prefix = 'sha256:';

function fileOf(directory: string, fingerprint: ByteString): string {
  return `${directory}/${fingerprint.slice(prefix.length)}`;
}

/** In the order in which they came. Empty when there is no such directory. */
export function listRequests(directory: string): readonly EnrolRequest[] {
  let files: readonly string[];
  try {
    files = readdirSync(directory).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  return files
    .flatMap((file): readonly EnrolRequest[] => {
      const path = `${directory}/${file}`;
      try {
        const [name = '', ip = ''] = readFileSync(path, 'latin1').split('\n');
        return [{ fingerprint: `${prefix}${file}`, name, ip, atMs: statSync(path).mtimeMs }];
      } catch {
        // It was approved meanwhile.
        return [];
      }
    })
    .sort((one, other) => one.atMs - other.atMs);
}

export function removeRequest(directory: string, fingerprint: ByteString): void {
  rmSync(fileOf(directory, fingerprint), { force: true });
}

/** Answers whether it is noted. Throws when it cannot be written. */
export function noteRequest(directory: string, request: EnrolRequest): boolean {
  const { fingerprint, atMs, ip } = request;
  const others = listRequests(directory).filter((other) => other.fingerprint !== fingerprint);
  const old = others.filter((other) => other.atMs < atMs - requestMsMax);
  for (const { fingerprint: gone } of old) removeRequest(directory, gone);
  if (others.length - old.length >= requestsMax) return false;
  const name = isSatelliteName(request.name) ? request.name : '';
  const path = fileOf(directory, fingerprint);
  const fresh = `${directory}/.${process.pid}`;
  writeFileSync(fresh, `${name}\n${ip}\n`, { encoding: 'latin1', mode: 0o644 });
  renameSync(fresh, path);
  return true;
}
