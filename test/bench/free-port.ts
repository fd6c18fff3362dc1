/** A port for a program that cannot be told to take any free one. */
import { createServer } from 'node:net';

/** The kernel gives one that nobody uses and does not give it to the next who asks at once. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
