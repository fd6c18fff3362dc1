/** Two ends of a real socket, and one end of a peer that says any bytes that a test likes. */
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { temporaryDirectory } from './home.ts';

export interface SocketPairOptions {
  /** Whether an end may go on when the other has ended its side. */
  readonly allowHalfOpen?: boolean;
}

/** A Unix socket's ends, connected. Whoever asks closes them. */
export async function socketPair({
  allowHalfOpen = false,
}: SocketPairOptions = {}): Promise<readonly [Socket, Socket]> {
  const path = `${temporaryDirectory()}/pair`;
  const server = createServer({ allowHalfOpen }).listen(path);
  await once(server, 'listening');
  const near = new Socket({ allowHalfOpen });
  const accepted = once(server, 'connection');
  near.connect(path);
  const [far] = (await accepted) as [Socket];
  server.close();
  return [near, far];
}

/** A frame of frame-link.ts, written by hand. */
export function rawFrame(type: number, number: number, payload: Uint8Array | string = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(number, 5);
  return Buffer.concat([head, bytes]);
}

/** A connection to a Unix socket, once it stands. */
export async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}

/** Resolves when a socket is closed, whatever for. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve());
  });
}
