/** A TCP relay in front of a server: what passes can be looked at, held back or cut off. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';

/** What a test does with one connection. */
export interface Passing {
  /**
   * Bytes of the client, before they go on; they may be changed in their place. A number says how many of them go on:
   * the connection ends after these.
   */
  request?(bytes: Buffer): number | undefined;
  /** Bytes of the server; they go on when the promise resolves. */
  reply?(bytes: Buffer): Promise<void> | undefined;
}

export interface Relay {
  readonly port: number;
  /** Whether no connection is open, on either side. */
  readonly idle: boolean;
  close(): void;
}

/** `open` is called for each connection. An end or an error on one side is passed on to the other. */
export async function startRelay(port: number, open: () => Passing): Promise<Relay> {
  const sockets = new Set<Socket>();

  function pass(client: Socket): void {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const passing = open();
    let replied = Promise.resolve();
    client.on('data', (bytes: Buffer) => {
      const count = passing.request?.(bytes);
      if (count !== undefined) {
        server.end(bytes.subarray(0, count));
        client.destroy();
        return;
      }
      if (server.write(bytes)) return;
      client.pause();
      server.once('drain', () => client.resume());
    });
    server.on('data', (bytes: Buffer) => {
      replied = replied
        .then(() => passing.reply?.(bytes))
        .then(() => {
          client.write(bytes);
        });
    });
    client.on('end', () => server.end());
    server.on('end', () => {
      replied.then(() => client.end());
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  }

  const listener = createServer({ allowHalfOpen: true }, pass);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const close = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  after(close);
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get idle() {
      return sockets.size === 0;
    },
    close,
  };
}
