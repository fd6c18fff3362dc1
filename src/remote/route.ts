/** A route: by which protocol mail for a domain goes, to which host, and what is demanded of it. */
import type { ByteString } from '../system/index.ts';

/**
 * no: never TLS. may: where it is offered, whoever the server is; plain where not. must: always, whoever the server is.
 * verify: always, with a certificate for the host's name that an authority has signed.
 */
export type TlsDemand = 'no' | 'may' | 'must' | 'verify';

export interface Relay {
  /** A name, or an IPv4 or IPv6 address. */
  readonly host: ByteString;
  readonly port: number;
}

export interface Route {
  readonly protocol: 'smtp' | 'qmtp';
  /** Where to; undefined for what the domain's MX records say. */
  readonly relay: Relay | undefined;
  readonly tls: TlsDemand;
  readonly implicitTls: boolean;
  /** Whom the server shall know us as. */
  readonly user: ByteString | undefined;
}

/** What a domain says of its mail hosts besides MX records (RFC 8461 is one such way), for routes without a relay. */
export interface DomainPolicy {
  readonly tls: TlsDemand;
  /** Whether mail may go to the host of an MX record. */
  allows(host: ByteString): boolean;
}

/** Undefined: it says nothing. Never rejects: what cannot be found out now is nothing, or what was known before. */
export type FindDomainPolicy = (domain: ByteString) => Promise<DomainPolicy | undefined>;
