/** qmail-pspawn, seen from a network server (check-protocol.ts). */
import type { Socket } from 'node:net';
import { type Frame, openFrameLink, packFields } from '../../process/index.ts';
import { type ByteString, textOf } from '../../system/index.ts';
import { type CheckLimits, type CheckPassword, checkLimits, verdictOf } from './check-password.ts';
import { checkFrame, checkFrameBytesMax, parseEnd } from './check-protocol.ts';
import { packLogin } from './login.ts';

export interface CheckLinkOptions {
  /** The channel: a descriptor that qmail-start has made. */
  readonly socket: Socket;
  readonly limits?: CheckLimits;
  /** Takes one line without its line end. No password is in it. */
  log(line: string): void;
  /** qmail-pspawn is gone. */
  onLost(): void;
}

/** A program for a session that is running, or about to. */
export interface AskedSession {
  /** Its exit code, or what else ended it. */
  readonly ended: Promise<number | string>;
  kill(): void;
}

export interface CheckLink {
  readonly check: CheckPassword;
  /** `login`: see login.ts. `token`: see check-protocol.ts. */
  open(login: Uint8Array, remoteIp: ByteString, token: string): AskedSession;
  /** Asks nothing more. What runs goes on. */
  close(): void;
}

const gone = 'qmail-pspawn went away';

const numberMax = 0xffff_ffff;

export function openCheckLink({ socket, limits = checkLimits, log, onLost }: CheckLinkOptions): CheckLink {
  const waiting = new Map<number, (end: number | string) => void>();
  let last = 0;
  let checks = 0;
  let over = false;

  function take({ type, number, payload }: Frame): void {
    const end = waiting.get(number);
    if (type !== checkFrame.ended || end === undefined) {
      link.destroy();
      return;
    }
    waiting.delete(number);
    end(parseEnd(textOf(payload)));
  }

  const link = openFrameLink(socket, {
    payloadBytesMax: checkFrameBytesMax,
    onFrame: take,
    onEnd() {
      over = true;
      for (const end of waiting.values()) end(gone);
      waiting.clear();
      link.destroy();
      onLost();
    },
  });

  function ask(type: number, fields: readonly ByteString[]): AskedSession {
    if (over) return { ended: Promise.resolve(gone), kill: () => undefined };
    last = last === numberMax ? 1 : last + 1;
    const number = last;
    const ended = new Promise<number | string>((resolve) => {
      waiting.set(number, resolve);
    });
    link.send(type, number, packFields(fields));
    return {
      ended,
      kill() {
        if (waiting.has(number)) link.send(checkFrame.kill, number);
      },
    };
  }

  return {
    async check(login, remoteIp) {
      const bytes = packLogin(login);
      if (bytes === undefined) return 'refused';
      if (checks >= limits.checksMax) {
        log(`warning: ${checks} logins are being checked: no more at the same time`);
        return 'temporary';
      }
      checks += 1;
      const end = await ask(checkFrame.check, [textOf(bytes), remoteIp]).ended;
      checks -= 1;
      return verdictOf(end, log);
    },
    open: (login, remoteIp, token) => ask(checkFrame.open, [textOf(login), remoteIp, token]),
    close: () => link.end(),
  };
}
