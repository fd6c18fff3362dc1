/** How addresses without a full domain name are completed, by the rules of qmail-header(5) on the text of an address. */
import { openControl } from '../control/index.ts';
import { addressText, type Token } from '../mail/index.ts';
import type { ByteString, System } from '../system/index.ts';

export interface Completion {
  /** Put behind @ where an address has no host. */
  readonly host: ByteString;
  /** Put behind a host without dots. */
  readonly domain: ByteString;
  /** Put in the place of a + at the end of a host. */
  readonly plus: ByteString;
}

/** What names are completed with on a machine that has not been told its name. */
const nameless = 'me';

/** `environment`: whether the variables that qmail-inject knows count. */
export function readCompletion(
  system: System,
  { environment }: { readonly environment: boolean },
): Completion {
  const control = openControl(system);
  const setting = (variable: string, file: string) =>
    (environment ? system.env(variable) : undefined) ?? control.lineOrMe(file, nameless);
  return {
    host: setting('QMAILDEFAULTHOST', 'defaulthost'),
    domain: setting('QMAILDEFAULTDOMAIN', 'defaultdomain'),
    plus: setting('QMAILPLUSDOMAIN', 'plusdomain'),
  };
}

export interface WrittenAddress {
  readonly text: ByteString;
  /** Whether an @ stands in it outside of quotes. */
  readonly hasHost: boolean;
}

export function writtenAddress(tokens: readonly Token[]): WrittenAddress {
  return { text: addressText(tokens), hasHost: tokens.some(({ kind }) => kind === '@') };
}

/** A host that ends with + gets the plus domain instead, a host without dots the default domain. */
export function completeDomain(address: ByteString, { plus, domain }: Completion): ByteString {
  const full = address.endsWith('+') ? `${address.slice(0, -1)}.${plus}` : address;
  const at = Math.max(full.lastIndexOf('@'), 0);
  return full.includes('.', at) ? full : `${full}.${domain}`;
}

/** The whole address. It must not be empty. */
export function completeAddress({ text, hasHost }: WrittenAddress, completion: Completion): ByteString {
  return completeDomain(hasHost ? text : `${text}@${completion.host}`, completion);
}
