/** The simplest hubs and SMTP servers: they take everything, and answer when the bench lets them. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Sink {
  readonly port: number;
  /**
   * Called when a client has sent everything and waits for the answer to it; the answer goes out when the promise is
   * fulfilled. Without it, answers go out at once.
   */
  onWaiting: (() => Promise<void>) | undefined;
  close(): void;
}

type Talk = (socket: Socket, waiting: () => Promise<void>) => void;

async function startSink(talk: Talk): Promise<Sink> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    // A client that ends without ado is none of our concern here.
    socket.on('error', () => socket.destroy());
    talk(socket, async () => sink.onWaiting?.());
  });
  const sink: Sink = { port: 0, onWaiting: undefined, close: () => server.close() };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(sink, { port: (server.address() as AddressInfo).port });
}

/** A hub that takes every message and keeps none. */
export function startQmqpSink(): Promise<Sink> {
  return startSink((socket, waiting) => {
    // The beginning alone is kept: it says how much there will be.
    let head = '';
    let receivedBytes = 0;
    socket.setEncoding('latin1');
    socket.on('data', async (chunk) => {
      if (!head.includes(':')) head += String(chunk);
      receivedBytes += String(chunk).length;
      const colon = head.indexOf(':');
      if (colon < 0 || receivedBytes < colon + Number(head.slice(0, colon)) + 2) return;
      await waiting();
      socket.end('2:Kk,');
    });
  });
}

/** An SMTP server that takes every message and keeps none. */
export function startSmtpSink(): Promise<Sink> {
  return startSink((socket, waiting) => {
    let received = '';
    let inData = false;
    socket.setEncoding('latin1');
    socket.write('220 sink\r\n');
    socket.on('data', async (chunk) => {
      received += String(chunk);
      for (;;) {
        const end = received.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const verb = received.slice(0, 4).toUpperCase();
        received = received.slice(end + (inData ? 5 : 2));
        if (inData) await waiting();
        inData = !inData && verb === 'DATA';
        socket.write(inData ? '354 go on\r\n' : '250 ok\r\n');
        if (verb === 'QUIT') socket.end();
      }
    });
  });
}
