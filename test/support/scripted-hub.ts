/** Hubs that behave as a test says, on ports that the kernel gives. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after } from 'node:test';

/** One connection, from the hub's side. */
export interface HubConnection {
  readonly socket: Socket;
  /** Resolves with everything received so far as soon as it has this many bytes, or the peer has closed. */
  bytes(count: number): Promise<Buffer>;
  /** Resolves when the outer netstring is complete. */
  request(): Promise<Buffer>;
  send(text: string): void;
  /** Closes in the ordinary way. */
  close(): void;
  /** Closes with a reset. */
  reset(): void;
}

export interface ScriptedHub {
  readonly address: string;
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly text: string;
  /** What each connection brought, in order. */
  readonly received: readonly string[];
  close(): void;
}

export type Script = (connection: HubConnection, index: number) => unknown;

const open: ScriptedHub[] = [];

after(() => {
  for (const hub of open) hub.close();
});

/** How long the request is, once that can be known; independent of the codec under test. */
function requestLength(bytes: Buffer): number {
  const colon = bytes.indexOf(':');
  return colon < 0 ? Number.POSITIVE_INFINITY : colon + 1 + Number(bytes.toString('latin1', 0, colon)) + 1;
}

export async function scriptedHub(script: Script, address = '127.0.0.1'): Promise<ScriptedHub> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = received.length;
    received.push('');
    sockets.add(socket);
    const chunks: Buffer[] = [];
    let total = 0;
    let ended = false;
    let look = () => {};
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      total += chunk.length;
      if (total < 1_000_000) received[index] = Buffer.concat(chunks).toString('latin1');
      look();
    });
    // A client that resets the connection is part of what is tested.
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        ended = true;
        look();
      });
    }
    const until = (done: () => boolean) =>
      new Promise<Buffer>((resolve) => {
        look = () => {
          if (done() || ended) resolve(Buffer.concat(chunks));
        };
        look();
      });
    const head = () => Buffer.concat(chunks.slice(0, 1));
    script(
      {
        socket,
        bytes: (count) => until(() => total >= count),
        request: () => until(() => total >= requestLength(head())),
        send: (text) => socket.write(text, 'latin1'),
        close: () => socket.destroySoon(),
        reset: () => socket.resetAndDestroy(),
      },
      index,
    );
  });
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hub: ScriptedHub = {
    address,
    port,
    text: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    received,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  open.push(hub);
  return hub;
}

/** Reads a request, answers, and closes. */
export function answering(reply: string): Script {
  return async (connection) => {
    await connection.request();
    connection.send(reply);
    connection.close();
  };
}
