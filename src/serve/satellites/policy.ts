/** What a satellite's policy does to an envelope, and what it does not let pass. */
import type { PackageEnvelope } from '../../../qmqp/index.ts';
import { splitAddress } from '../../mail/index.ts';
import { type Answer, type ByteString, lowerAscii, printable } from '../../system/index.ts';
import type { SatellitePolicy } from './satellite-file.ts';

const addressShownMax = 200;

/** What a sender of the form list-@host-@[] has at its end: each recipient gets a sender of its own (qmail's VERP). */
const verpEnd = '-@[]';

/** The sender of a bounce, and that of a bounce's bounce. */
function isNobody(sender: ByteString): boolean {
  return sender === '' || sender === '#@[]';
}

/** A pattern is an address, a domain behind @, or behind @. the end of one. */
function matches(address: ByteString, pattern: ByteString): boolean {
  const { local, domain = '' } = splitAddress(lowerAscii(address));
  const wanted = splitAddress(pattern);
  if (wanted.local !== '' && wanted.local !== local) return false;
  const host = wanted.domain ?? '';
  return host.startsWith('.') ? domain.endsWith(host) : domain === host;
}

function refused(text: string): Answer {
  return { verdict: 'D', text: `${text} (#5.7.1)` };
}

/** The sender with the satellite's own domain, if it has one. */
export function forcedSender(sender: ByteString, domain: ByteString | undefined): ByteString {
  if (domain === undefined || isNobody(sender)) return sender;
  const verp = sender.endsWith(verpEnd) ? verpEnd : '';
  const { local } = splitAddress(sender.slice(0, sender.length - verp.length));
  return `${local}@${domain}${verp}`;
}

/** Why the satellite may not send this, if so: for good, since asking again would not help. `envelope` has its forced sender. */
export function refusalOf(
  policy: SatellitePolicy,
  { sender, recipients }: PackageEnvelope,
  messageBytes: number,
): Answer | undefined {
  const { messageBytesMax } = policy;
  if (messageBytesMax !== undefined && messageBytes > messageBytesMax)
    return { verdict: 'D', text: `the message is larger than ${messageBytesMax} bytes (#5.3.4)` };
  const from = sender.endsWith(verpEnd) ? sender.slice(0, -verpEnd.length) : sender;
  if (!isNobody(sender) && policy.senders?.some((pattern) => matches(from, pattern)) === false)
    return refused(`this host may not send from ${printable(sender, addressShownMax)}`);
  const { recipients: allowed } = policy;
  if (allowed === undefined) return undefined;
  const strange = recipients.find((address) => !allowed.some((pattern) => matches(address, pattern)));
  return strange === undefined
    ? undefined
    : refused(`this host may not send to ${printable(strange, addressShownMax)}`);
}
