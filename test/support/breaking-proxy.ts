/**
 * A TCP proxy in front of a hub that breaks connections when the client's last byte has gone through and before any
 * byte of the answer has come back: the moment in which nobody can know whether the message was taken.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `whole` lets a connection be; `answered` breaks it when the answer is there; `asked` as soon as the request is. */
export type Break = 'whole' | 'answered' | 'asked';

export interface BreakingProxy {
  readonly port: number;
  /** Where it connects to; a hub that was started again has another port. */
  upstreamPort: number;
  /** Connections that were broken so far. */
  readonly broken: number;
  close(): void;
}

/** `requestBytes`: how long a whole request is. `choose` says what becomes of the next connection. */
export async function breakingProxy(
  upstreamPort: number,
  requestBytes: number,
  choose: () => Break,
): Promise<BreakingProxy> {
  const sockets = new Set<Socket>();
  let broken = 0;
  const state = { upstreamPort };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const how = choose();
    const hub = connect({ port: state.upstreamPort, host: '127.0.0.1', allowHalfOpen: true });
    let sentBytes = 0;
    for (const socket of [client, hub]) {
      sockets.add(socket);
      // Whatever is wrong on one side, the other side sees it as a connection that ends.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        hub.destroy();
      });
    }
    const breakOff = () => {
      broken += 1;
      client.resetAndDestroy();
      hub.destroy();
    };
    client.on('data', (bytes) => {
      sentBytes += bytes.length;
      hub.write(bytes, () => {
        if (how === 'asked' && sentBytes >= requestBytes) breakOff();
      });
    });
    client.on('end', () => hub.end());
    hub.on('data', (bytes) => {
      if (how === 'answered') breakOff();
      else client.write(bytes);
    });
    hub.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get upstreamPort() {
      return state.upstreamPort;
    },
    set upstreamPort(port) {
      state.upstreamPort = port;
    },
    get broken() {
      return broken;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
