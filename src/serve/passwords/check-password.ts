/**
 * Asks a checkpassword program whether a login is good, and runs nothing for who logs in but `true`: what AUTH needs. The
 * program is any that keeps to the interface: login.ts on descriptor 3, then exit code 0 when what it was to run has ended
 * well, 1 (or 100) for a bad login, 2 when it was misused, 111 when it cannot tell now.
 */
import { type ByteString, errorText } from '../../system/index.ts';
import { type Login, packLogin } from './login.ts';
import { type CheckCommand, startCheck } from './start-check.ts';

/** `temporary`: nothing is known of the login; it may be tried again. */
export type LoginVerdict = 'accepted' | 'refused' | 'temporary';

/** Never rejects. `remoteIp` is told the program as $TCPREMOTEIP. */
export type CheckPassword = (login: Login, remoteIp: ByteString) => Promise<LoginVerdict>;

export interface CheckPasswordOptions {
  readonly command: CheckCommand;
  readonly limits?: CheckLimits;
  /** Takes one line without its line end, when a check could not be made. No password is in it. */
  log(line: string): void;
}

export interface CheckLimits {
  /** How long a check may take. */
  readonly checkMsMax: number;
  /** Checks at the same time; who comes then may try again. */
  readonly checksMax: number;
}

export const checkLimits: CheckLimits = { checkMsMax: 60_000, checksMax: 20 };

/** What a program is to run that is asked for its opinion alone. */
export const nothing: CheckCommand = ['true'];

/** 1 says the interface; 100 is the word of many programs of this family for what never will be. */
const exitsRefused: readonly unknown[] = [1, 100];

export function isRefusal(end: number | string): boolean {
  return exitsRefused.includes(end);
}

/** `end`: the exit code of a program that was asked, or what else ended it. */
export function verdictOf(end: number | string, log: (line: string) => void): LoginVerdict {
  if (end === 0) return 'accepted';
  if (isRefusal(end)) return 'refused';
  log(`warning: a login could not be checked: ${typeof end === 'number' ? `exit code ${end}` : end}`);
  return 'temporary';
}

/** Runs the program as whom this process runs. */
export function checkByProgram(options: CheckPasswordOptions): CheckPassword {
  const { command, limits = checkLimits, log } = options;
  let running = 0;
  return async (login, remoteIp) => {
    const bytes = packLogin(login);
    // Nobody has such a name or password.
    if (bytes === undefined) return 'refused';
    if (running >= limits.checksMax) {
      log(`warning: ${running} logins are being checked: no more at the same time`);
      return 'temporary';
    }
    running += 1;
    try {
      const check = startCheck({
        command: [...command, ...nothing],
        login: bytes,
        remoteIp,
        stdio: ['ignore', 'ignore'],
        msMax: limits.checkMsMax,
      });
      return verdictOf(await check.ended, log);
    } catch (error) {
      log(`alert: ${command[0]}: unable to start it: ${errorText(error)}`);
      return 'temporary';
    } finally {
      running -= 1;
    }
  };
}
