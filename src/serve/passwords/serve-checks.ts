/**
 * qmail-pspawn's work: starts the checkpassword program for a server (check-protocol.ts). It looks into nothing that comes
 * from the network: a login goes through as the bytes that it is.
 */
import type { Socket } from 'node:net';
import { type Frame, openFrameLink, unpackFields } from '../../process/index.ts';
import { bytesOf, errorText } from '../../system/index.ts';
import { checkLimits, nothing } from './check-password.ts';
import { checkFrame, checkFrameBytesMax, isToken } from './check-protocol.ts';
import { loginBytesMax } from './login.ts';
import { type CheckCommand, type RunningCheck, startCheck } from './start-check.ts';

export interface ServeChecksOptions {
  /** The checkpassword program, and its first arguments. */
  readonly command: CheckCommand;
  /** What a session runs behind it. */
  readonly session: CheckCommand;
  /** A connection to the server's socket that is being made. Paused, so that nothing is taken from it here. */
  connectSession(): Socket;
  readonly checkMsMax?: number;
  /** Takes one line without its line end. */
  log(line: string): void;
}

/** Programs that one server may have running. */
export const runningMax = 2000;

const addressBytesMax = 100;

/** How long a server may take to accept the connection of a session. */
const connectMsMax = 10_000;

/** Resolves when the token is said. */
function sayToken(socket: Socket, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`no connection to the server: ${errorText(error)}`));
    socket.setTimeout(connectMsMax, () => socket.destroy(new Error('it does not accept')));
    socket.once('error', fail);
    socket.write(`${token}\n`, (error) => {
      if (error) return;
      socket.setTimeout(0);
      resolve();
    });
  });
}

/** Resolves when the server is gone and nothing runs for it. */
export function serveChecks(channel: Socket, options: ServeChecksOptions): Promise<void> {
  const { command, session, connectSession, checkMsMax = checkLimits.checkMsMax, log } = options;
  /** A program that is not running yet is undefined. */
  const running = new Map<number, RunningCheck | undefined>();
  let over = false;
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();

  async function check(login: Uint8Array, remoteIp: string): Promise<number | string> {
    const started = startCheck({
      command: [...command, ...nothing],
      login,
      remoteIp,
      stdio: ['ignore', 'ignore'],
      msMax: checkMsMax,
    });
    return await started.ended;
  }

  async function open(number: number, login: Uint8Array, remoteIp: string, token: string) {
    const socket = connectSession();
    try {
      await sayToken(socket, token);
      // The server may have thought better of it meanwhile.
      if (!running.has(number) || over) return 'nobody waits for it';
      const started = startCheck({
        command: [...command, ...session],
        login,
        remoteIp,
        stdio: [socket, socket],
      });
      running.set(number, started);
      // The program has the connection now, and whoever is left with it would not let it end.
      socket.destroy();
      return await started.ended;
    } finally {
      socket.on('error', () => undefined).destroy();
    }
  }

  async function run(number: number, work: Promise<number | string>): Promise<void> {
    running.set(number, undefined);
    let end: number | string;
    try {
      end = await work;
    } catch (error) {
      end = `unable to start it: ${errorText(error)}`;
      log(`alert: ${command[0]}: ${end}`);
    }
    running.delete(number);
    link.send(checkFrame.ended, number, bytesOf(String(end)));
    if (over && running.size === 0) finish();
  }

  /** Throws for what a server of ours would not say. */
  function take({ type, number, payload }: Frame): void {
    if (type === checkFrame.kill) {
      running.get(number)?.kill();
      return;
    }
    const [login, remoteIp, token = '', ...more] = unpackFields(payload) ?? [];
    if (login === undefined || remoteIp === undefined || more.length > 0) throw new Error('it said nothing');
    if (login.length > loginBytesMax || remoteIp.length > addressBytesMax)
      throw new Error('it said too much');
    if (running.has(number) || running.size >= runningMax) throw new Error('it has too many logins');
    if (type === checkFrame.check && token === '') void run(number, check(bytesOf(login), remoteIp));
    else if (type === checkFrame.open && isToken(token))
      void run(number, open(number, bytesOf(login), remoteIp, token));
    else throw new Error('it asked for nothing');
  }

  const link = openFrameLink(channel, {
    payloadBytesMax: checkFrameBytesMax,
    onFrame(frame) {
      try {
        take(frame);
      } catch (error) {
        log(`warning: a network server's channel is closed: ${errorText(error)}`);
        link.destroy();
      }
    },
    onEnd() {
      over = true;
      // Sessions end with their connections.
      if (running.size === 0) finish();
    },
  });
  return done;
}
