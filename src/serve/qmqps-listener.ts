/**
 * Listens for QMQP in TLS (QMQPS): TLS 1.3, the protocol qmqp/1, and a key on both sides. A client is who its key says,
 * never where it comes from. Who may not send is told so in a reply of QMQP, once TLS stands. Key, satellites and
 * policies are looked at for each connection, so that changes need no signal.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Intake } from '../queue/index.ts';
import { errorText } from '../system/index.ts';
import type { ListenAddress } from './listen-address.ts';
import { type ListenPlace, listenOn } from './listen-on.ts';
import { plainAddress } from './peer.ts';
import { createQmqpAcceptor } from './qmqp-acceptor.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';
import type { QmqpListener } from './qmqp-listener.ts';
import { type Caller, identify } from './satellites/caller.ts';
import { createRateLimit } from './satellites/rate-limit.ts';
import { openRegister } from './satellites/register.ts';
import { type EnrolRequest, noteRequest } from './satellites/requests.ts';
import { satelliteSubmission } from './satellites/satellite-submission.ts';
import { openUsage } from './satellites/usage.ts';
import { createTlsAcceptor } from './tls-acceptor.ts';

interface SecureListenerOptions {
  /** HOME/control: there are qmqpskey, this host's key and certificate in PEM, and satellites/. */
  readonly control: string;
  /** Where the messages go. */
  readonly intake: Intake;
  /** What the Received field calls this host; the address that the peer connected to when it is not given. */
  readonly localHost?: string | undefined;
  readonly limits?: QmqpServerLimits;
  /** Takes one line without its line end, for each request that was not accepted, and each client that is refused. */
  readonly log: (line: string) => void;
}

export type QmqpsListenerOptions = SecureListenerOptions & ListenPlace;

/** Rejects when the address cannot be listened on, or the key cannot be used. */
export async function listenQmqps(options: QmqpsListenerOptions): Promise<QmqpListener> {
  const { control, intake, localHost, limits = qmqpServerLimits, log } = options;
  const directory = `${control}/satellites`;
  const monotonic = () => performance.now();
  const register = openRegister({ directory, monotonic, log });
  const usage = openUsage({ directory: `${directory}/.heard`, now: Date.now, log });
  const rates = createRateLimit(monotonic);
  const callers = new WeakMap<Socket, Caller>();

  function note(request: EnrolRequest): boolean {
    try {
      return noteRequest(`${directory}/.requests`, request);
    } catch (error) {
      log(`warning: control/satellites/.requests: ${errorText(error)}`);
      return false;
    }
  }

  const tls = createTlsAcceptor({ limits, keyFile: `${control}/qmqpskey`, onSecure, log });
  const acceptor = createQmqpAcceptor({
    limits,
    log,
    peerOf: (socket) => callers.get(socket)?.peer ?? '',
    refusal: (_peer, socket) => callers.get(socket)?.refusal,
    greet(socket) {
      const { satellite, ip } = callers.get(socket) ?? {};
      if (satellite === undefined || ip === undefined) throw new Error('a stranger is greeted');
      const peer = {
        remoteHost: 'unknown',
        remoteIp: ip,
        localHost: localHost ?? plainAddress(socket.localAddress),
      };
      const onSent = (recipients: number, bytes: number) => usage.sent(satellite.name, recipients, bytes);
      return () => satelliteSubmission({ intake, satellite, peer, rates, now: Date.now, onSent });
    },
  });

  function onSecure(socket: TLSSocket): void {
    const caller = identify(socket, { register, now: Date.now, note });
    callers.set(socket, caller);
    if (caller.satellite !== undefined) {
      usage.heard(caller.satellite.name);
      let heard = false;
      socket.once('data', () => {
        heard = true;
      });
      socket.once('close', () => {
        const text = 'hung up without a request; is the key of this hub the one that it expects?';
        if (!heard) log(`qmqps: peer=${caller.peer} ${text}`);
      });
    }
    acceptor.accept(socket);
  }

  let address: ListenAddress;
  try {
    address = await listenOn(tls.server, options);
  } catch (error) {
    await acceptor.close(0);
    throw error;
  }
  return {
    address,
    async close(graceMs) {
      tls.close();
      await acceptor.close(graceMs);
      usage.close();
    },
  };
}
