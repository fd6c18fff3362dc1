/**
 * SMTP the classic way: tcpserver, inetd or a systemd socket has accepted the connection, and it is descriptors 0 and 1 of
 * this process.
 */
import { Duplex, type Readable, type Writable } from 'node:stream';
import { type SmtpConnectionOptions, startSmtpConnection } from './connection.ts';
import type { SmtpEnding } from './session-contract.ts';

export interface SmtpDescriptorsOptions extends Omit<SmtpConnectionOptions, 'onClose' | 'monotonic'> {
  /** Descriptor 0. */
  readonly input: Readable;
  /** Descriptor 1. */
  readonly output: Writable;
}

/** How often the clock is looked at. */
const tickMs = 1000;

/** One connection of two descriptors. It ends for good when both have. */
export function joined(input: Readable, output: Writable): Duplex {
  const both = new Duplex({
    allowHalfOpen: true,
    read() {
      input.resume();
    },
    write(chunk, _encoding, done) {
      output.write(chunk, done);
    },
    final(done) {
      // Descriptor 1 ends with the process.
      done();
    },
    destroy(error, done) {
      input.destroy();
      done(error);
    },
  });
  input.on('data', (bytes: Uint8Array) => {
    if (!both.push(bytes)) input.pause();
  });
  input.on('end', () => both.push(null));
  // A peer that is gone is no error of ours.
  input.on('error', () => both.push(null));
  output.on('error', () => both.destroy());
  return both;
}

export function serveSmtpDescriptors(options: SmtpDescriptorsOptions): Promise<SmtpEnding> {
  return new Promise((resolve) => {
    const connection = startSmtpConnection(joined(options.input, options.output), {
      ...options,
      monotonic: () => performance.now(),
      onClose(ending) {
        clearInterval(clock);
        resolve(ending);
      },
    });
    const clock = setInterval(() => connection.tick(performance.now()), tickMs);
  });
}
