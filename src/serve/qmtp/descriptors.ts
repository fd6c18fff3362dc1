/**
 * QMTP the classic way: tcpserver, inetd or a systemd socket has accepted the connection, and it is descriptors 0 and 1 of
 * this process.
 */
import { type QmtpConnectionEnding, type QmtpConnectionOptions, startQmtpConnection } from './connection.ts';

/** How often the clock is looked at, unless a limit is shorter than that. */
const tickMsMax = 1000;

export type QmtpDescriptorsOptions = Omit<QmtpConnectionOptions, 'monotonic' | 'hangUp' | 'onClose'>;

export function serveQmtpDescriptors(options: QmtpDescriptorsOptions): Promise<QmtpConnectionEnding> {
  return new Promise((resolve) => {
    const monotonic = () => performance.now();
    const connection = startQmtpConnection({
      ...options,
      monotonic,
      // Descriptor 1 ends with the process.
      hangUp() {},
      onClose(ending) {
        clearInterval(clock);
        resolve(ending);
      },
    });
    const clock = setInterval(
      () => connection.tick(monotonic()),
      Math.min(tickMsMax, options.limits.idleMs / 4),
    );
  });
}
