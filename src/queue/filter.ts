/**
 * Which messages and recipients an operator means. Each list names values of which one must fit, and an empty list
 * asks nothing; all that is asked must fit. Addresses, domains and hosts are compared without regard to case.
 */
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii, wholeNumber } from '../system/index.ts';
import type { QueuedMessage, QueuedRecipient } from './reader.ts';
import type { RecipientState } from './schema.ts';

export interface Filter {
  /** Numbers of messages, or the contents of their Message-ID fields. */
  readonly messages: readonly ByteString[];
  readonly senders: readonly ByteString[];
  /** Recipients, as the envelope has them. */
  readonly recipients: readonly ByteString[];
  /** Domains of recipients; `.example.com` means those below it. */
  readonly domains: readonly ByteString[];
  /** Hosts that submitted; '' is this one. */
  readonly hosts: readonly ByteString[];
  readonly states: readonly RecipientState[];
  /** Accepted before this time. */
  readonly beforeMs: number | undefined;
}

/** The filter that asks nothing. */
export const everything: Filter = {
  messages: [],
  senders: [],
  recipients: [],
  domains: [],
  hosts: [],
  states: [],
  beforeMs: undefined,
};

/** Whether a filter asks nothing. */
export function isEverything(filter: Filter): boolean {
  return Object.values(filter).every((value) => value === undefined || value.length === 0);
}

export interface Matcher {
  /** The only messages that can fit, when the filter names them all by number. */
  readonly numbers: readonly number[] | undefined;
  /** Whether recipients are asked about, and not messages alone. */
  readonly asksRecipients: boolean;
  fitsMessage(message: QueuedMessage): boolean;
  fitsRecipient(recipient: QueuedRecipient): boolean;
}

/** A Message-ID without its angle brackets, which are hard to type into a shell. */
function bareId(id: ByteString): ByteString {
  return id.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id;
}

function lowerSet(values: readonly ByteString[]): ReadonlySet<ByteString> {
  return new Set(values.map(lowerAscii));
}

function fits<Value>(asked: ReadonlySet<Value>, value: Value): boolean {
  return asked.size === 0 || asked.has(value);
}

function fitsDomain(domains: readonly ByteString[], address: ByteString): boolean {
  const domain = lowerAscii(splitAddress(address).domain ?? '');
  return (
    domains.length === 0 ||
    domains.some((asked) => domain === asked || (asked.startsWith('.') && domain.endsWith(asked)))
  );
}

export function createMatcher(filter: Filter): Matcher {
  const numbers = new Set<number>();
  const messageIds = new Set<ByteString>();
  for (const text of filter.messages) {
    const number = wholeNumber(text);
    if (number === undefined) messageIds.add(bareId(text));
    else numbers.add(number);
  }
  const senders = lowerSet(filter.senders);
  const recipients = lowerSet(filter.recipients);
  const domains = filter.domains.map(lowerAscii);
  const hosts = lowerSet(filter.hosts);
  const states = new Set(filter.states);
  const { beforeMs = Number.POSITIVE_INFINITY } = filter;

  function isNamed({ id, headerMessageId }: QueuedMessage): boolean {
    if (filter.messages.length === 0 || numbers.has(id)) return true;
    return headerMessageId !== '' && messageIds.has(bareId(headerMessageId));
  }

  return {
    numbers:
      numbers.size > 0 && messageIds.size === 0 ? [...numbers].sort((one, two) => one - two) : undefined,
    asksRecipients: recipients.size + domains.length + states.size > 0,
    fitsMessage: (message) =>
      isNamed(message) &&
      message.birthMs < beforeMs &&
      fits(hosts, lowerAscii(message.host)) &&
      fits(senders, lowerAscii(message.sender)),
    fitsRecipient: ({ address, state }) =>
      fits(states, state) && fits(recipients, lowerAscii(address)) && fitsDomain(domains, address),
  };
}
