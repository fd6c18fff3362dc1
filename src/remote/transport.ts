/**
 * How a protocol carries mail to a host: what SMTP does, and what any other protocol does in its place. Routes, hosts and
 * their order, kept connections and time limits are not its concern.
 */
import type { Answer, ByteString } from '../system/index.ts';
import type { Outgoing } from './outgoing.ts';
import type { TlsDemand } from './route.ts';

/** One address of one host. */
export interface Hop {
  /** The host's name, as a route or an MX record has it; of an address literal the address. */
  readonly host: ByteString;
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

/** What is asked of a connection besides its hop. */
export interface Demands {
  readonly tls: TlsDemand;
  /** TLS from the first byte on. */
  readonly implicitTls: boolean;
  /** Who we are to the server; undefined for nobody. */
  readonly login: Login | undefined;
}

export interface Login {
  readonly user: ByteString;
  readonly password: ByteString;
}

export interface Delivered {
  /** For each recipient, in order, what became of it before the message was sent. None when it did not come to that. */
  readonly recipients: readonly Answer[];
  /** What became of the message, for the recipients that were accepted or, when there are none, for all. */
  readonly message: Answer;
  /** Nothing has been decided here and nothing is in doubt: another host may be tried, or this one anew. */
  readonly undecided: boolean;
}

/** An open connection, for one message at a time. */
export interface Connection {
  /** Never rejects. */
  deliver(outgoing: Outgoing): Promise<Delivered>;
  /** Whether it takes another message, as far as is known. */
  readonly isOpen: boolean;
  /** Says goodbye and waits for nothing. May be called again. */
  close(): void;
}

export type Opening =
  | { readonly ok: true; readonly connection: Connection }
  /** `timedOut`: the host did not answer, or not in time, and may be left alone for a while. */
  | { readonly ok: false; readonly timedOut: boolean; readonly answer: Answer };

export interface Transport {
  /** Never rejects. */
  open(hop: Hop, demands: Demands): Promise<Opening>;
}
