/**
 * Connects to peers, with sockets that are used again: to make one of Node's, and to collect what is left of it, takes
 * longer than all that the system does for a short session. Node allows a closed socket to connect once more. Here only
 * one does whose session ended well, so that nothing of it can show up in the next one.
 */
import type { NetConnectOpts, Socket } from 'node:net';
import type { Stream } from '../system.ts';
import { SystemError } from '../system-error.ts';
import { createInbox, readInto } from './inbox.ts';
import { createSession, type Session } from './stream.ts';

/** A socket that is connected again and again. */
interface Line {
  connect(options: NetConnectOpts, peer: string, timeoutMs: number): Promise<Stream>;
}

/** Closed sockets that are kept for the next connections. */
const freeMax = 100;

const free: Line[] = [];

/** What a line waits for while it connects. */
interface Connecting {
  done(): void;
  fail(error: Error): void;
}

function createLine(): Line {
  const inbox = createInbox();
  const { Socket } = process.getBuiltinModule('node:net');
  const socket: Socket = new Socket({ onread: readInto(inbox) });
  let connecting: Connecting | undefined;
  let session: Session | undefined;
  let isSound = true;

  const line: Line = {
    connect: (options, peer, timeoutMs) =>
      new Promise((fulfil, reject) => {
        const timer = setTimeout(() => {
          isSound = false;
          connecting = undefined;
          socket.destroy();
          reject(new SystemError('ETIMEDOUT', `${peer}: no connection after ${timeoutMs} ms`));
        }, timeoutMs);
        connecting = {
          done() {
            clearTimeout(timer);
            session = createSession(socket, peer, inbox);
            fulfil(session.stream);
          },
          fail(error) {
            clearTimeout(timer);
            reject(error);
          },
        };
        socket.connect(options);
      }),
  };

  socket.on('connect', () => {
    connecting?.done();
    connecting = undefined;
  });
  socket.on('end', () => session?.end());
  socket.on('error', (error) => {
    isSound = false;
    session?.fail(error);
    connecting?.fail(error);
    connecting = undefined;
  });
  socket.on('close', () => {
    isSound &&= session?.isSound === true;
    session?.end();
    session = undefined;
    while (inbox.take() !== undefined);
    if (isSound && free.length < freeMax) free.push(line);
  });
  return line;
}

export function openStream(options: NetConnectOpts, peer: string, timeoutMs: number): Promise<Stream> {
  return (free.pop() ?? createLine()).connect(options, peer, timeoutMs);
}
