/** What a file is, from the numbers that the host gives. */
import type { ByteString, Descriptor, FileKind, FileStatus } from '../system/index.ts';
import { checked } from './checked.ts';
import { type Host, statusNumbers } from './host.ts';

const kinds: readonly FileKind[] = ['file', 'directory', 'other'];

function statusOf(numbers: Float64Array): FileStatus {
  const [kind = 2, sizeBytes = 0, ...rest] = numbers;
  const [deviceHigh, deviceLow, inodeHigh, inodeLow, mode = 0, uid = 0, links = 0, ...times] = rest;
  const [modifiedMs = 0, touchedMs = 0] = times;
  return {
    kind: kinds[kind] ?? 'other',
    sizeBytes,
    identity: `${deviceHigh}.${deviceLow}:${inodeHigh}.${inodeLow}`,
    mode,
    uid,
    links,
    modifiedMs,
    touchedMs,
  };
}

/** Of a path, or of what a descriptor leads to. */
export function readStatus(host: Host, of: ByteString | Descriptor, followLinks: boolean): FileStatus {
  const numbers = new Float64Array(statusNumbers);
  const call = followLinks ? 'stat' : 'lstat';
  checked(
    host,
    host.status(of, followLinks, numbers),
    call,
    typeof of === 'string' ? of : `descriptor ${of}`,
  );
  return statusOf(numbers);
}
