/** What stream and datagram sockets have in common: waiting for them, each time no longer than is said. */
import { type Descriptor, SystemError } from '../system/index.ts';
import { failedWith, failureOf } from './checked.ts';
import { type Host, pollFor } from './host.ts';

/** What one read from a socket takes at most. */
const readBytesMax = 8192;

let buffer: Uint8Array | undefined;

/** Waits until the descriptor is ready, or the clock shows `endMs`. */
export function waitFor(host: Host, descriptor: Descriptor, what: number, endMs: number): boolean {
  for (;;) {
    const leftMs = Math.max(0, Math.ceil(endMs - host.monotonic()));
    const answer = host.poll(descriptor, what, Math.min(leftMs, 0x7fffffff));
    if (answer > 0) return true;
    if (answer === 0 && leftMs === 0) return false;
    if (answer < 0 && !failedWith(host, answer, 'EINTR')) throw failureOf(host, -answer, 'poll');
  }
}

/** The next bytes, or a datagram that is no longer than the buffer; undefined after the time without any. */
export function receive(
  host: Host,
  descriptor: Descriptor,
  peer: string,
  timeoutMs: number,
): Uint8Array | undefined {
  const endMs = host.monotonic() + timeoutMs;
  buffer ??= new Uint8Array(readBytesMax);
  for (;;) {
    const answer = host.read(descriptor, buffer, -1);
    if (answer >= 0) return buffer.slice(0, answer);
    if (!failedWith(host, answer, 'EAGAIN', 'EINTR')) throw failureOf(host, -answer, `read ${peer}`);
    if (!waitFor(host, descriptor, pollFor.input, endMs)) return undefined;
  }
}

/** A socket that is connected within the time, closed again if that fails. */
export function connected(
  host: Host,
  socket: number,
  connect: (descriptor: Descriptor) => number,
  peer: string,
  timeoutMs: number,
): Descriptor {
  if (socket < 0) throw failureOf(host, -socket, `connect ${peer}`);
  let done = false;
  try {
    const endMs = host.monotonic() + timeoutMs;
    let answer = connect(socket);
    // A Unix socket whose listener is busy is asked again.
    while (failedWith(host, answer, 'EAGAIN') && host.monotonic() < endMs) {
      host.poll(-1, pollFor.input, 1);
      answer = connect(socket);
    }
    if (failedWith(host, answer, 'EINPROGRESS', 'EINTR')) {
      if (!waitFor(host, socket, pollFor.output, endMs))
        throw new SystemError('ETIMEDOUT', `${peer}: no connection after ${timeoutMs} ms`);
      answer = host.socketError(socket);
    }
    if (answer < 0) throw failureOf(host, -answer, `connect ${peer}`);
    done = true;
    return socket;
  } finally {
    if (!done) host.close(socket);
  }
}
