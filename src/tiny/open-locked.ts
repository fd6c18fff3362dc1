/** Files.openLocked with flock(2) itself, which is asked again and again: it would wait without an end. */
import type { ByteString, Descriptor } from '../system/index.ts';
import { checked, failedWith } from './checked.ts';
import { type Host, openHow, pollFor } from './host.ts';
import { readStatus } from './status.ts';

/** Between two attempts. */
const retryMs = 20;

function lock(host: Host, descriptor: Descriptor, path: ByteString, endMs: number): boolean {
  for (;;) {
    const answer = host.lock(descriptor);
    if (!failedWith(host, answer, 'EAGAIN', 'EINTR')) return checked(host, answer, 'flock', path) === 0;
    const leftMs = endMs - host.monotonic();
    if (leftMs <= 0) return false;
    host.poll(-1, pollFor.input, Math.ceil(Math.min(retryMs, leftMs)));
  }
}

/** Whoever held the lock may have put another file in the place of the one that was waited for. */
function isStillThere(host: Host, descriptor: Descriptor, path: ByteString): boolean {
  const opened = readStatus(host, descriptor, true);
  try {
    return readStatus(host, path, true).identity === opened.identity;
  } catch {
    return false;
  }
}

/** By the contract of Files.openLocked. */
export function openLocked(
  host: Host,
  path: ByteString,
  mode: number,
  timeoutMs: number,
): Descriptor | undefined {
  const endMs = host.monotonic() + timeoutMs;
  for (;;) {
    const descriptor = checked(host, host.open(path, openHow.lockable, mode), 'open', path);
    let kept = false;
    try {
      if (!lock(host, descriptor, path, endMs)) return undefined;
      kept = isStillThere(host, descriptor, path);
      if (kept) return descriptor;
    } finally {
      if (!kept) host.close(descriptor);
    }
  }
}
