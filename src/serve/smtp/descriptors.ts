/**
 * SMTP the classic way: tcpserver, inetd or a systemd socket has accepted the connection, and it is descriptors 0 and 1 of
 * this process.
 */
import type { Readable, Writable } from 'node:stream';
import { joined } from '../../process/index.ts';
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
