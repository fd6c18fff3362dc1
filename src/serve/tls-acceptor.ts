/**
 * Accepts connections in TLS 1.3 and hands on those whose handshake is done. Each has to be done in time, and only so
 * many are under way. Who speaks plain QMQP instead is told so in plain QMQP.
 */
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { formatReply, secureProtocol } from '../../qmqp/index.ts';
import { type ByteString, byteStringOf, errorCode, errorText, printable } from '../system/index.ts';
import { type ConnectionLimits, createConnectionCount } from './connection-count.ts';
import { plainAddress } from './peer.ts';

export interface TlsAcceptorOptions {
  readonly limits: ConnectionLimits;
  /** This host's key and certificate in PEM. Looked at for each connection. */
  readonly keyFile: string;
  readonly handshakeMs?: number;
  onSecure(socket: TLSSocket): void;
  log(line: string): void;
}

export interface TlsAcceptor {
  /** To be told where to listen. */
  readonly server: Server;
  /** Stops listening, and ends the handshakes that are under way. */
  close(): void;
}

/** How long a handshake may take, and how long a peer may be silent before it. */
export const handshakeMsMax = 30_000;

/** How long somebody who speaks no TLS may take to read that. */
const lingerMs = 5000;

/** A handshake record (RFC 8446 5.1) begins with it, and no request of QMQP does. */
const tlsByte = 0x16;

const speaksPlain = formatReply({ verdict: 'Z', text: 'this port is for QMQP in TLS (#4.7.0)' });

const hungUp = 'it broke off the handshake; is the key of this hub the one that it expects?';

const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS 1.3',
  ERR_SSL_NO_APPLICATION_PROTOCOL: `it does not speak ${secureProtocol} in TLS`,
  ECONNRESET: hungUp,
};

interface Handshake {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
  reason: string;
}

/** TLS on top of a socket has the socket's addresses and nothing else that would tell which one it is. */
function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}

/** Uses the key file, and answers what looks whether it is another. Throws when it cannot be used at the start. */
function watchKey(path: string, use: (pem: Buffer) => void, log: (line: string) => void): () => void {
  let used = '';
  const look = () => {
    const { mtimeNs, ino } = statSync(path, { bigint: true });
    const found = `${mtimeNs} ${ino}`;
    if (found === used) return;
    const first = used === '';
    used = found;
    use(readFileSync(path));
    if (!first) log('notice: qmqps: the key of this hub is another now');
  };
  look();
  return () => {
    try {
      look();
    } catch (error) {
      log(`alert: qmqps: the key is kept as it was: ${errorText(error)}`);
    }
  };
}

export function createTlsAcceptor(options: TlsAcceptorOptions): TlsAcceptor {
  const { limits, keyFile, handshakeMs = handshakeMsMax, onSecure, log } = options;
  const count = createConnectionCount(limits);
  const handshakes = new Map<string, Handshake>();
  const secure = createTlsServer({
    ALPNProtocols: [secureProtocol],
    minVersion: 'TLSv1.3',
    handshakeTimeout: handshakeMs,
    requestCert: true,
    // Nobody vouches for a client: it is looked at by its key.
    rejectUnauthorized: false,
  });
  const checkKey = watchKey(
    keyFile,
    (pem) => secure.setSecureContext({ key: pem, cert: pem, minVersion: 'TLSv1.3' }),
    log,
  );

  function settle(place: string): Handshake | undefined {
    const handshake = handshakes.get(place);
    if (handshake === undefined) return undefined;
    handshakes.delete(place);
    clearTimeout(handshake.timer);
    return handshake;
  }

  function refusePlain(socket: Socket, ip: ByteString): void {
    log(`qmqps: peer=${ip} speaks no TLS`);
    socket.setTimeout(lingerMs, () => socket.destroy());
    socket.end(speaksPlain);
    socket.resume();
  }

  function accept(socket: Socket): void {
    const ip = plainAddress(socket.remoteAddress);
    if (!count.add(ip)) {
      socket.destroy();
      return;
    }
    const place = placeOf(socket);
    const timer = setTimeout(() => socket.destroy(), handshakeMs);
    handshakes.set(place, { socket, timer, reason: hungUp });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      count.remove(ip);
      const handshake = settle(place);
      if (handshake !== undefined) log(`qmqps: peer=${ip} TLS failed: ${handshake.reason}`);
    });
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) {
        socket.destroy();
        return;
      }
      if (first[0] !== tlsByte) {
        settle(place);
        refusePlain(socket, ip);
        return;
      }
      checkKey();
      socket.unshift(first);
      secure.emit('connection', socket);
    });
  }

  secure.on('secureConnection', (socket) => {
    settle(placeOf(socket));
    // During the handshake nobody has a reason to close one half. After a request one may.
    socket.allowHalfOpen = true;
    onSecure(socket);
  });
  secure.on('tlsClientError', (error, socket) => {
    const handshake = handshakes.get(placeOf(socket));
    if (handshake !== undefined)
      handshake.reason = reasons[errorCode(error)] ?? printable(byteStringOf(errorText(error)));
    socket.destroy();
  });

  const server = createServer({ noDelay: true }, accept);
  return {
    server,
    close() {
      server.close();
      for (const { socket } of [...handshakes.values()]) socket.destroy();
    },
  };
}
