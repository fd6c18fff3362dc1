/**
 * The queue as a list: in the words of qmail-qread(8), which existing tools read, and as JSON. Both are made piece by
 * piece, so that a million recipients fill no memory.
 */
import { formatDate } from '../mail/index.ts';
import {
  createMatcher,
  type Filter,
  fittingMessages,
  type ListedMessage,
  type QueuedRecipient,
  type Reader,
} from '../queue/index.ts';
import { type Routes, route } from '../send/index.ts';
import { asciiJson, type ByteString } from '../system/index.ts';

export interface ListingOptions {
  readonly queue: Pick<Reader, 'message' | 'messages' | 'recipients'>;
  readonly filter: Filter;
  readonly routes: Routes;
}

interface Listed {
  readonly message: ListedMessage;
  /** undefined stands for the message alone: it comes before its recipients, even if it has none. */
  readonly recipient: QueuedRecipient | undefined;
}

/** Each message that fits, then each of its recipients that do. One that is asked for by its recipients has some. */
function* listed({ queue, filter }: ListingOptions): Iterable<Listed> {
  const matcher = createMatcher(filter);
  for (const message of fittingMessages(queue, matcher)) {
    if (message === undefined) continue;
    let named = !matcher.asksRecipients;
    if (named) yield { message, recipient: undefined };
    for (const recipient of queue.recipients(message.id)) {
      if (!matcher.fitsRecipient(recipient)) continue;
      if (!named) yield { message, recipient: undefined };
      named = true;
      yield { message, recipient };
    }
  }
}

/** `5 Nov 2026 08:44:38 GMT` */
function dateOf(ms: number): string {
  return formatDate(ms).replace(' -0000', ' GMT');
}

/** On one line, whatever a peer has put into an address or a report. */
function printed(text: ByteString): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 10) result += '/';
    else result += code < 32 || code > 126 ? '_' : text.charAt(index);
  }
  return result;
}

/** The blank behind the sender is there in any case, as in the original. */
function messageLine({ birthMs, id, sizeBytes, sender, failed }: ListedMessage): string {
  const bouncing = failed > 0 ? ' bouncing' : '';
  return `${dateOf(birthMs)}  #${id}  ${sizeBytes}  <${printed(sender)}> ${bouncing}\n`;
}

/** `done`: it will not be tried again. The bounce tells of it. */
function recipientLine(routes: Routes, recipient: QueuedRecipient): string {
  const { channel, address } = route(routes, recipient.address);
  return `${recipient.state === 'failed' ? '  done' : ''}\t${channel}\t${printed(address)}\n`;
}

/** What is known of it besides; it begins with two tabs, so that no reader of the classic list takes it for a recipient. */
function stateLine({ state, attempts, dueMs, report }: QueuedRecipient): string {
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const next = state === 'waiting' ? `, next ${dateOf(dueMs)}` : '';
  const last = report === '' ? '' : `: ${printed(report.trimEnd())}`;
  return `\t\t${state}, ${times}${next}${last}\n`;
}

/** `long`: with what is known of each recipient. */
export function* classicListing(options: ListingOptions, long: boolean): Iterable<string> {
  for (const { message, recipient } of listed(options)) {
    if (recipient === undefined) {
      yield messageLine(message);
    } else {
      yield recipientLine(options.routes, recipient);
      if (long) yield stateLine(recipient);
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The keys are those of the log where it has them. */
function jsonMessage(message: ListedMessage): object {
  return {
    msg: message.id,
    id: message.headerMessageId,
    accepted: iso(message.birthMs),
    host: message.host,
    caller: message.caller,
    sender: message.sender,
    bytes: message.sizeBytes,
    bouncing: message.failed > 0,
  };
}

function jsonRecipient(routes: Routes, recipient: QueuedRecipient): object {
  const { address, state, attempts, triedMs, dueMs, report } = recipient;
  const to = route(routes, address);
  return {
    recipient: address,
    channel: to.channel,
    address: to.address,
    state,
    attempts,
    tried: triedMs === 0 ? null : iso(triedMs),
    next: state === 'waiting' ? iso(dueMs) : null,
    error: report === '' ? null : report,
  };
}

/** An object on a line for each recipient, with what is known of its message. */
export function* jsonListing(options: ListingOptions): Iterable<string> {
  for (const { message, recipient } of listed(options)) {
    if (recipient === undefined) continue;
    yield `${asciiJson({ ...jsonMessage(message), ...jsonRecipient(options.routes, recipient) })}\n`;
  }
}
