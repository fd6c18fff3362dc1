/** A QMQP client that does exactly what a test says, and requests for it to send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface QmqpPeer {
  readonly socket: Socket;
  send(text: string): void;
  /** Resolves with everything that the server sends until it closes. */
  readonly reply: Promise<string>;
}

export async function qmqpPeer(port: number, host = '127.0.0.1', localAddress?: string): Promise<QmqpPeer> {
  const socket = connect({ port, host, allowHalfOpen: true, ...(localAddress ? { localAddress } : {}) });
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A reset ends the reply as a close does.
  socket.on('error', () => {});
  const finish = () => {
    socket.end();
    resolve(Buffer.concat(chunks).toString('latin1'));
  };
  socket.on('end', finish);
  socket.on('close', finish);
  await once(socket, 'connect');
  return { socket, send: (text) => socket.write(text, 'latin1'), reply: promise };
}

function netstring(text: string): string {
  return `${text.length}:${text},`;
}

export function qmqpRequest(message: string, sender: string, ...recipients: readonly string[]): string {
  return netstring([message, sender, ...recipients].map(netstring).join(''));
}

/** Sends a request and resolves with the reply. */
export async function submitRequest(port: number, request: string): Promise<string> {
  const peer = await qmqpPeer(port);
  peer.send(request);
  return peer.reply;
}
