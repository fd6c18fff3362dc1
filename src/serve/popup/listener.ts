/** Listens for POP3, in the clear or in TLS from the first byte on. */
import { createServer, type Socket } from 'node:net';
import type { ByteString } from '../../system/index.ts';
import { createConnectionCount } from '../connection-count.ts';
import type { ListenAddress } from '../listen-address.ts';
import { type ListenPlace, listenOn } from '../listen-on.ts';
import { plainAddress } from '../peer.ts';
import { createRateCount } from '../smtp/rate-count.ts';
import type { OpenChain } from './chain.ts';
import { type PopupConnectionOptions, servePopup } from './connection.ts';

export interface PopupServerOptions
  extends Pick<PopupConnectionOptions, 'secureContext' | 'limits' | 'openChain' | 'log'> {
  /** Whether a client at this address may connect. */
  isAllowed(ip: ByteString): boolean;
  /** Whether passwords may come without TLS from anywhere; otherwise from the loopback alone. */
  plainAllowed(): boolean;
  /** A new timestamp for APOP; empty: there is none. */
  timestamp(): ByteString;
}

export interface PopupServer {
  /** Resolves with the address, with the port that the kernel gave. Rejects when it cannot be listened on. */
  listen(place: ListenPlace, implicitTls: boolean): Promise<ListenAddress>;
  /** Stops listening; resolves when the sessions have ended, or the grace is over. */
  close(graceMs?: number): Promise<void>;
}

const graceMsDefault = 5_000;

const notAllowed = 'your address may not connect here';
const tooManyPerMinute = 'too many connections from your address in a minute';
const tooMany = 'too many connections';

/** Lets so many logins be checked at the same time; the others wait. */
function oneOfSoMany(open: OpenChain, most: number): OpenChain {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (login, remoteIp) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    };
    try {
      const session = await open(login, remoteIp);
      // Its first word, or its end, says that the check is over.
      session.output.once('readable', release).once('close', release);
      void session.ended.then(release);
      return session;
    } catch (error) {
      release();
      throw error;
    }
  };
}

export function isLoopback(ip: ByteString): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

export function createPopupServer(options: PopupServerOptions): PopupServer {
  const { limits, log } = options;
  const count = createConnectionCount(limits);
  const rate = createRateCount(
    () => limits.connectionsPerMinuteMax,
    () => performance.now(),
  );
  const openChain = oneOfSoMany(options.openChain, limits.checksMax);
  const servers = new Set<ReturnType<typeof createServer>>();
  const connections = new Set<Socket>();
  let emptied: (() => void) | undefined;

  function whyNot(ip: ByteString): string | undefined {
    if (!options.isAllowed(ip)) return notAllowed;
    if (!rate.take(ip)) return tooManyPerMinute;
    return count.add(ip) ? undefined : tooMany;
  }

  function accept(socket: Socket, implicitTls: boolean): void {
    const ip = plainAddress(socket.remoteAddress);
    socket.on('error', () => socket.destroy());
    const refusal = whyNot(ip);
    if (refusal !== undefined) {
      log(`pop3: peer=${ip} ${refusal}`);
      if (implicitTls) socket.destroy();
      else socket.end(`-ERR [SYS/TEMP] ${refusal}\r\n`, () => socket.destroy());
      return;
    }
    connections.add(socket);
    socket.once('close', () => {
      count.remove(ip);
      connections.delete(socket);
      if (connections.size === 0) emptied?.();
    });
    void servePopup(socket, {
      implicitTls,
      secureContext: options.secureContext,
      plainAllowed: options.plainAllowed() || isLoopback(ip),
      timestamp: options.timestamp(),
      remoteIp: ip,
      openChain,
      limits,
      log,
    }).then((ending) => {
      // Who is not in a session has had its last word.
      if (ending !== 'session') socket.setTimeout(limits.failureMs, () => socket.destroy());
    });
  }

  return {
    listen(place, implicitTls) {
      const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
        accept(socket, implicitTls),
      );
      servers.add(server);
      return listenOn(server, place);
    },
    async close(graceMs = graceMsDefault) {
      for (const server of servers) server.close();
      if (connections.size === 0) return;
      const tooLate = setTimeout(() => {
        for (const socket of connections) socket.destroy();
      }, graceMs);
      await new Promise<void>((resolve) => {
        emptied = resolve;
      });
      clearTimeout(tooLate);
    },
  };
}
