/** What control files say to those who send mail to other hosts. */
import type { Control } from '../control/index.ts';
import { type ByteString, errorText, type System } from '../system/index.ts';
import type { Route } from './route.ts';
import { readRemoteRoutes } from './routes.ts';
import type { Login } from './transport.ts';

export interface RemoteSettings {
  readonly ownName: ByteString;
  readonly routeOf: (domain: ByteString) => Route;
  /** Throws when nothing is known of the user. */
  readonly loginOf: (user: ByteString) => Login;
  /** Addresses that are this host's besides those that it has, and those that are not although it has them. */
  readonly moreOwnAddresses: readonly ByteString[];
  readonly notOwnAddresses: readonly ByteString[];
  /** Certificates in PEM that are believed in place of those that Node brings. */
  readonly authorities: string | undefined;
  readonly connectMs: number;
  readonly replyMs: number;
  /** Connections to one destination at the same time. */
  readonly connectionsMax: number;
  /** How long a connection is kept that has nothing to do. */
  readonly idleMs: number;
  /** Messages over one connection. */
  readonly messagesMax: number;
  /** Recipients that a message is given at once. */
  readonly recipientsMax: number;
  /** Whether domains are asked for policies (RFC 8461). */
  readonly mtaSts: boolean;
}

export const remoteDefaults = {
  timeoutconnect: 60,
  timeoutremote: 1200,
  remoteconnections: 20,
  remoteidle: 10,
  remotemessages: 100,
  remoterecipients: 100,
  mtasts: 1,
} as const;

/** Nobody waits longer, whatever a control file says. */
export const timeoutSecondsMax = 86_400;

/** Servers have to take so many (RFC 5321 4.5.3.1.8), and may refuse more. */
export const recipientsLimit = 100;

/** Permissions that a file with passwords must not have. */
const readableByOthers = 0o004;

function readLogins(system: System, control: Control): (user: ByteString) => Login {
  const path = `${control.directory}/smtppasswords`;
  const lines = control.list('smtppasswords');
  const isOpen = lines !== undefined && (system.files.status(path).mode & readableByOthers) !== 0;
  return (user) => {
    if (isOpen) throw new Error(`everybody can read ${path}: chmod o-rwx it`);
    const line = lines?.find((one) => one.startsWith(`${user}:`));
    if (line === undefined) throw new Error(`${path} has no password for ${user}`);
    return { user, password: line.slice(user.length + 1) };
  };
}

/** Throws, with the file's name, when what is there cannot be used. */
export function readRemoteSettings(system: System, control: Control): RemoteSettings {
  const number = (name: keyof typeof remoteDefaults) => control.number(name, remoteDefaults[name]);
  const ms = (name: keyof typeof remoteDefaults) => Math.min(number(name), timeoutSecondsMax) * 1000;
  const me = control.line('me');
  if (me === undefined) throw new Error(`${control.directory}/me is missing: write this host's name into it`);
  return {
    ownName: control.lineOrMe('helohost'),
    routeOf: readRemoteRoutes(control),
    loginOf: readLogins(system, control),
    moreOwnAddresses: control.list('moreipme') ?? [],
    notOwnAddresses: control.list('notipme') ?? [],
    authorities: control.list('smtpca')?.join('\n'),
    connectMs: ms('timeoutconnect'),
    replyMs: ms('timeoutremote'),
    connectionsMax: Math.max(number('remoteconnections'), 1),
    idleMs: ms('remoteidle'),
    messagesMax: Math.max(number('remotemessages'), 1),
    recipientsMax: Math.min(Math.max(number('remoterecipients'), 1), recipientsLimit),
    mtaSts: number('mtasts') > 0,
  };
}

/** How long control files are believed to be as they were. */
const freshMs = 1_000;

export interface SettingsSource {
  /** What the control files say, or said when they last made sense. Throws when they never did. */
  current(): RemoteSettings;
}

/** Settings for a process that lives long: they are read again when they are asked for, once a second at most. */
export function watchSettings(system: System, control: Control, log: (line: string) => void): SettingsSource {
  let known: RemoteSettings | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let problem = '';
  return {
    current() {
      const nowMs = system.monotonic();
      if (known !== undefined && nowMs - readAtMs < freshMs) return known;
      try {
        known = readRemoteSettings(system, control);
        readAtMs = nowMs;
        problem = '';
      } catch (error) {
        if (known === undefined) throw error;
        readAtMs = nowMs;
        if (errorText(error) !== problem) log(`alert: control files kept as they were: ${errorText(error)}`);
        problem = errorText(error);
      }
      return known;
    },
  };
}
