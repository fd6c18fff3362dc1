/** Who a local address belongs to, as qmail-lspawn must know it before it delivers (qmail-lspawn(8)). */
import type { Answer, ByteString } from '../../system/index.ts';

/** What the address says: mail for it is controlled by HOME/.qmail DASH EXTENSION. */
export interface LocalUser {
  /** The account's name. */
  readonly user: ByteString;
  /** Never 0. */
  readonly uid: number;
  readonly gid: number;
  readonly home: ByteString;
  readonly dash: ByteString;
  readonly extension: ByteString;
}

/** Why nobody was found. */
export type Trouble =
  /** The address is none. */
  | 'address'
  /** users/cdb cannot be read, or says nonsense. */
  | 'database'
  /** The accounts cannot be asked. */
  | 'accounts'
  /** A home cannot be looked at. */
  | 'home'
  /** There is no alias user. */
  | 'alias'
  /** It is root's. */
  | 'root';

export type FoundUser =
  | ({ readonly ok: true } & LocalUser)
  | { readonly ok: false; readonly trouble: Trouble; readonly answer: Answer };

/** A failure that may pass. */
export function deferred(trouble: Trouble, text: string): FoundUser {
  return { ok: false, trouble, answer: { verdict: 'Z', text: `${text}\n` } };
}

export function refused(trouble: Trouble, text: string): FoundUser {
  return { ok: false, trouble, answer: { verdict: 'D', text: `${text}\n` } };
}
