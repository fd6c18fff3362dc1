/** What a client of POP3 may take before it has logged in, and how many there may be. */
import type { Control } from '../../control/index.ts';

export const popupLimits = {
  /** Bytes of a command with its line end. */
  commandBytesMax: 512,
  /** Commands that are none, or not to be had, before the login. */
  errorsMax: 10,
  /** How long a client may take until it has logged in, in all. */
  authorizationMs: 180_000,
  /** How long the check of a login may take, until the session has said its first word. */
  loginMs: 60_000,
  /** How long who gave a wrong password waits for the answer. */
  failureMs: 2_000,
  /** How long nothing may come from either side of a session: longer than its program waits. */
  idleMs: 1_260_000,
  connectionsMax: 200,
  connectionsPerPeerMax: 10,
  /** Of one address; 0 is no limit. */
  connectionsPerMinuteMax: 0,
  /** Logins that are being checked at the same time; who comes then waits. */
  checksMax: 10,
} as const;

export type PopupLimits = { readonly [Name in keyof typeof popupLimits]: number };

export function readPopupLimits(control: Control): PopupLimits {
  const { connectionsMax, connectionsPerPeerMax, connectionsPerMinuteMax } = popupLimits;
  return {
    ...popupLimits,
    connectionsMax: control.number('concurrencypop3', connectionsMax),
    connectionsPerPeerMax: control.number('concurrencypop3perip', connectionsPerPeerMax),
    connectionsPerMinuteMax: control.number('pop3connectionrate', connectionsPerMinuteMax),
  };
}
