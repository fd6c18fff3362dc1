/**
 * Which recipients are taken from whom: control/rcpthosts and morercpthosts, badmailfrom, RELAYCLIENT, and localiphost, as
 * qmail-smtpd(8) reads them. Who has logged in may send to anywhere, as one whose RELAYCLIENT is empty.
 */
import type { Control } from '../../control/index.ts';
import { splitAddress } from '../../mail/index.ts';
import { type ByteString, lowerAscii } from '../../system/index.ts';
import { readBadSenders } from './bad-senders.ts';
import { readRecipientHosts } from './recipient-hosts.ts';
import type { RecipientJudgement, SmtpFacts } from './session-contract.ts';
import { texts } from './texts.ts';

export interface SmtpPolicy {
  recipient(address: ByteString, facts: SmtpFacts, client: PolicyClient): RecipientJudgement;
}

export interface PolicyClient {
  /** What is appended to each recipient of a client that may send to anywhere. */
  readonly relayClient: ByteString | undefined;
}

/** Appended to every recipient, and as long as a control line may be: bounded here. */
const recipientBytesMax = 999;

/** [192.0.2.1] and [IPv6:2001:db8::1] (RFC 5321 4.1.3) */
function literalOf(domain: ByteString): ByteString | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return undefined;
  const text = lowerAscii(domain.slice(1, -1));
  return text.startsWith('ipv6:') ? text.slice('ipv6:'.length) : text;
}

/** `ownAddresses`: of this host. Throws when a control file cannot be read. */
export function readSmtpPolicy(control: Control, ownAddresses: () => ReadonlySet<ByteString>): SmtpPolicy {
  const hosts = readRecipientHosts(control);
  const isBadSender = readBadSenders(control);
  const localIpHost = control.line('localiphost') ?? control.line('me');

  /** What is sent to an address of this host's is for the host of that name. */
  function named(address: ByteString): ByteString {
    const { local, domain } = splitAddress(address);
    const literal = domain === undefined ? undefined : literalOf(domain);
    if (literal === undefined || localIpHost === undefined || !ownAddresses().has(literal)) return address;
    return `${local}@${localIpHost}`;
  }

  return {
    recipient(given, { sender, user }, { relayClient }) {
      if (isBadSender(sender)) return { ok: false, reply: texts.badSender };
      const address = named(given);
      const suffix = user === undefined ? relayClient : (relayClient ?? '');
      if (suffix === undefined) {
        const { domain } = splitAddress(address);
        const isTaken = domain === undefined || hosts.has(domain);
        return isTaken ? { ok: true, address } : { ok: false, reply: texts.notHere };
      }
      const relayed = address + suffix;
      if (relayed.length > recipientBytesMax) return { ok: false, reply: texts.syntaxAddress };
      return { ok: true, address: relayed };
    },
  };
}
