/** What stream and datagram sockets have in common: waiting for them, each time no longer than is said. */
import { type Descriptor, SystemError } from '../system/index.ts';
import { failedWith, failureOf } from './checked.ts';
import { type Host, pollFor } from './host.ts';
import type { Waits } from './waits.ts';

/** What one read from a socket takes at most. */
const readBytesMax = 8192;

let buffer: Uint8Array | undefined;

/** The next bytes, or a datagram that is no longer than the buffer; undefined after the time without any. */
export async function receive(
  host: Host,
  waits: Waits,
  descriptor: Descriptor,
  peer: string,
  timeoutMs: number,
): Promise<Uint8Array | undefined> {
  const endMs = host.monotonic() + timeoutMs;
  buffer ??= new Uint8Array(readBytesMax);
  for (;;) {
    const answer = host.read(descriptor, buffer, -1);
    if (answer >= 0) return buffer.slice(0, answer);
    if (!failedWith(host, answer, 'EAGAIN', 'EINTR')) throw failureOf(host, -answer, `read ${peer}`);
    if (!(await waits.until(descriptor, pollFor.input, endMs))) return undefined;
  }
}

/** Between two questions to a Unix socket whose listener is busy. */
const retryMs = 1;

/** A socket that is connected within the time, closed again if that fails. */
export async function connected(
  host: Host,
  waits: Waits,
  socket: number,
  connect: (descriptor: Descriptor) => number,
  peer: string,
  timeoutMs: number,
): Promise<Descriptor> {
  if (socket < 0) throw failureOf(host, -socket, `connect ${peer}`);
  let done = false;
  try {
    const endMs = host.monotonic() + timeoutMs;
    let answer = connect(socket);
    while (failedWith(host, answer, 'EAGAIN') && host.monotonic() < endMs) {
      await waits.until(-1, pollFor.input, host.monotonic() + retryMs);
      answer = connect(socket);
    }
    if (failedWith(host, answer, 'EINPROGRESS', 'EINTR')) {
      if (!(await waits.until(socket, pollFor.output, endMs)))
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
