/** A TLS server that a test scripts, with Node's own words and none of ours. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';

export interface SecurePeerServer {
  readonly port: number;
  /** Whether each handshake so far resumed a session. */
  readonly resumed: readonly boolean[];
  close(): void;
}

const open: (() => void)[] = [];

after(() => {
  for (const close of open) close();
});

/** Answers each connection by `serve`. `options` come on top of what a hub would have. */
export async function securePeer(
  identity: string,
  serve: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<SecurePeerServer> {
  const resumed: boolean[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      key: identity,
      cert: identity,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['qmqp/1'],
      ...options,
    },
    (socket) => {
      sockets.add(socket);
      resumed.push(socket.isSessionReused());
      socket.on('error', () => {});
      serve(socket);
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  open.push(close);
  return { port: (server.address() as AddressInfo).port, resumed, close };
}
