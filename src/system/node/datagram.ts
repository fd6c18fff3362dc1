/** By the contract of Network.connectDatagram, on Node: datagrams wait here until somebody asks for them. */
import type { Socket } from 'node:dgram';
import type { ByteString } from '../bytes.ts';
import type { DatagramSocket } from '../system.ts';
import { SystemError } from '../system-error.ts';

/** Of a longer datagram this is the beginning. */
const datagramBytesMax = 4096;

/** Datagrams that may wait; what comes then is lost, as datagrams are. */
const waitingMax = 16;

function socketOf(socket: Socket, peer: string): DatagramSocket {
  const waiting: Uint8Array[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  socket.on('message', (bytes) => {
    if (waiting.length < waitingMax) waiting.push(bytes.subarray(0, datagramBytesMax));
    notify();
  });
  // The kernel reports here what an earlier datagram has met.
  socket.on('error', (error) => {
    failure = error;
    notify();
  });

  function failIfKnown(): void {
    if (failure === undefined) return;
    const error = failure;
    failure = undefined;
    throw error;
  }

  return {
    async send(bytes) {
      failIfKnown();
      await new Promise<void>((fulfil, reject) => {
        socket.send(bytes, (error) => (error ? reject(error) : fulfil()));
      });
    },
    async receive(timeoutMs) {
      for (;;) {
        const bytes = waiting.shift();
        if (bytes !== undefined) return bytes;
        failIfKnown();
        await new Promise<void>((fulfil, reject) => {
          const timer = setTimeout(() => {
            wake = undefined;
            reject(new SystemError('ETIMEDOUT', `${peer}: nothing received for ${timeoutMs} ms`));
          }, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            fulfil();
          };
        });
      }
    },
    close: () => socket.close(),
  };
}

export async function connectDatagram(address: ByteString, port: number): Promise<DatagramSocket> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((fulfil, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.connect(port, address, () => {
      socket.removeAllListeners('error');
      fulfil();
    });
  });
  return socketOf(socket, `${address} port ${port}`);
}
