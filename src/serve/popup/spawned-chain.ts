/**
 * The chain behind a server that is not root: qmail-pspawn starts the programs, and gives them a connection to a socket of
 * this server, on which its token is said first (passwords/check-protocol.ts).
 */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { CheckLink } from '../passwords/index.ts';
import { newToken, tokenLength } from '../passwords/index.ts';
import type { ChainSession, OpenChain } from './chain.ts';

export interface SpawnedChainOptions {
  readonly link: CheckLink;
  /** Where the socket is made, in a directory that nobody else may enter. */
  readonly path: string;
  readonly connectMs?: number;
}

export interface SpawnedChain {
  readonly open: OpenChain;
  /** Takes no more sessions; those that are there go on. */
  close(): void;
}

/** How long qmail-pspawn may take to connect, and its connection to say the token. */
const connectMsDefault = 10_000;

const lf = 10;

/** The token, when all of it is there; what follows it stays where it is. */
function takeToken(socket: Socket): string | undefined {
  const bytes: Buffer | null = socket.read(tokenLength + 1);
  if (bytes === null) return undefined;
  return bytes[tokenLength] === lf ? bytes.toString('latin1', 0, tokenLength) : '';
}

/** Rejects when there can be no socket there. */
export function openSpawnedChain({
  link,
  path,
  connectMs = connectMsDefault,
}: SpawnedChainOptions): Promise<SpawnedChain> {
  const waiting = new Map<string, (socket: Socket) => void>();

  function accept(socket: Socket): void {
    const tooLate = setTimeout(() => socket.destroy(), connectMs);
    socket.on('error', () => socket.destroy());
    const look = () => {
      const token = takeToken(socket);
      if (token === undefined) return;
      clearTimeout(tooLate);
      socket.off('readable', look);
      const take = waiting.get(token);
      waiting.delete(token);
      if (take === undefined) socket.destroy();
      else take(socket);
    };
    socket.on('readable', look);
    socket.once('close', () => clearTimeout(tooLate));
  }

  const open: OpenChain = async (login, remoteIp) => {
    const token = newToken();
    const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
    waiting.set(token, resolve);
    const tooLate = setTimeout(() => resolve(undefined), connectMs);
    const { ended, kill } = link.open(login, remoteIp, token);
    // It may end before it has connected.
    const early = ended.then((end) => {
      resolve(undefined);
      return end;
    });
    const socket = await promise;
    clearTimeout(tooLate);
    waiting.delete(token);
    if (socket === undefined) {
      kill();
      throw new Error(
        `no session was started: ${await Promise.race([early, 'qmail-pspawn does not connect'])}`,
      );
    }
    return { input: socket, output: socket, ended, kill } satisfies ChainSession;
  };

  // What a server before this one has left there.
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve({ open, close: () => server.close() }));
  });
}
