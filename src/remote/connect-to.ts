/** A connection to an address, within its time. */
import { connect, type Socket } from 'node:net';
import type { Hop } from './transport.ts';

/** Rejects with the system's error, ETIMEDOUT after `connectMs`. */
export function connectTo(hop: Hop, connectMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hop.address, port: hop.port, noDelay: true });
    const tooLate = setTimeout(() => {
      socket.destroy();
      reject(Object.assign(new Error(`no answer within ${connectMs / 1000} seconds`), { code: 'ETIMEDOUT' }));
    }, connectMs);
    socket.once('connect', () => {
      clearTimeout(tooLate);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(tooLate);
      reject(error);
    });
  });
}
