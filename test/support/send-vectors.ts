/**
 * Cases of send.json: a whole qmail of the original, from the envelope to the mailboxes. Judged here is what qmail-send
 * decides: where each recipient goes and under which sender, what is logged, tried again, bounced and kept. What the
 * deliveries themselves came to is taken from the recorded log; .qmail files, users and SMTP have vectors of their own.
 */
import { createEnvelopeParser, type Envelope } from '../../src/mail/index.ts';
import type { Store } from '../../src/queue/index.ts';
import { type Answer, bytesOf, textOf } from '../../src/system/index.ts';
import { bodyOf, fieldOf, parseQsbmf, partsOf } from './qsbmf.ts';
import { openSending, type Sending, until } from './sending.ts';
import { enhancedCodes } from './vector-pattern.ts';
import type { NamedCase, Rule } from './vectors.ts';

export interface SendCase extends NamedCase {
  readonly controls: Readonly<Record<string, string>>;
  readonly envelope: string;
  readonly message: string;
  readonly log: readonly string[];
  readonly log_full: string;
  readonly queue_left: Readonly<Record<string, string>>;
  readonly home_after: Readonly<Record<string, string>>;
  readonly alias_after: Readonly<Record<string, string>>;
  readonly signal: string | null;
  readonly smtp: readonly string[] | null;
}

/** A log without its numbers, which change from run to run, and with each delivery's outcome beside its beginning. */
export function logView(log: unknown): readonly string[] {
  const entries: string[] = [];
  const started = new Map<string, string>();
  for (const line of log as readonly string[]) {
    if (line.startsWith('status: ')) continue;
    const plain = line.replaceAll(/(msg|qp|uid|bounce\/|bytes) ?(?:\d+|<[A-Z]+>)/g, '$1 N');
    const [, number = '', rest = ''] = /^(?:starting )?delivery (\d+): (.*)$/.exec(plain) ?? [];
    if (line.startsWith('starting ')) started.set(number, rest);
    else if (number === '') entries.push(plain);
    else {
      const [, result, text] = /^(\w+): (.*)$/.exec(rest) ?? [];
      // The wording of a report is its reporter's.
      entries.push([started.get(number), result, ...enhancedCodes(text)].join(' '));
      started.delete(number);
    }
  }
  // The order in which deliveries and messages take turns is nobody's promise.
  return [...entries, ...[...started.values()].map((rest) => `${rest} unfinished`)].sort();
}

/** How a log begins and ends. */
export function frameView(log: unknown): readonly string[] {
  const lines = String(log).trimEnd().split('\n');
  return [lines[0] ?? '', lines.at(-1) ?? ''];
}

/** What is left in the queue: senders, recipients that are not done by channel, and those that will bounce. */
export function queueView(left: unknown): unknown {
  const records = (text: string, tag: string) =>
    text
      .split('\0')
      .filter((record) => record.startsWith(tag))
      .map((record) => record.slice(1));
  const seen = {
    senders: [] as string[],
    local: [] as string[],
    remote: [] as string[],
    failed: [] as string[],
  };
  for (const [path, text] of Object.entries(left as SendCase['queue_left'])) {
    if (path.startsWith('info/')) seen.senders.push(...records(text, 'F'));
    else if (path.startsWith('local/')) seen.local.push(...records(text, 'T'));
    else if (path.startsWith('remote/')) seen.remote.push(...records(text, 'T'));
    else if (path.startsWith('bounce/')) seen.failed.push(...(text.match(/^<.*>:$/gm) ?? []));
  }
  return Object.fromEntries(Object.entries(seen).map(([name, list]) => [name, list.sort()]));
}

/** The messages in a mailbox file: one of a Maildir, or those of an mbox. Other files have none. */
function messagesIn(text: string): readonly string[] {
  if (text.startsWith('Return-Path: ')) return [text];
  if (!text.startsWith('From ')) return [];
  return text
    .split(/^(?=From )/m)
    .map((entry) => entry.slice(entry.indexOf('\n') + 1, -1).replaceAll(/^>(>*From )/gm, '$1'));
}

/** The original that a bounce returns: what follows the break paragraph, or in ours the last part. */
function returned(message: string, afterBreak: string): string {
  return fieldOf(message, 'Content-Type') === undefined ? afterBreak : bodyOf(partsOf(message)[2] ?? '');
}

/** A message, or what a bounce tells: wording and format are free, who is told what of whom is not. */
function messageView(message: string): unknown {
  const body = bodyOf(message);
  if (fieldOf(message, 'Subject') !== 'failure notice' || !body.startsWith('Hi. This is the')) return message;
  const { introduction, recipients, original } = parseQsbmf(body);
  const field = (name: string) => fieldOf(message, name);
  return {
    returnPath: field('Return-Path'),
    deliveredTo: field('Delivered-To'),
    from: field('From'),
    to: field('To'),
    isDouble: introduction.includes('bounce'),
    recipients: recipients.map(({ address, report }) => [address, ...enhancedCodes(report)]),
    original: returned(message, original),
  };
}

/** The messages in all mailboxes, in the order of who got them. */
export function mailboxView(files: unknown): readonly unknown[] {
  const key = (message: string) => `${fieldOf(message, 'Delivered-To')}\0${fieldOf(message, 'Return-Path')}`;
  return Object.values(files as SendCase['home_after'])
    .flatMap(messagesIn)
    .sort((one, other) => (key(one) < key(other) ? -1 : 1))
    .map(messageView);
}

/** The envelopes that went over SMTP. */
export function smtpView(commands: unknown): readonly string[] {
  const all = (commands ?? []) as readonly string[];
  const pairs = all.flatMap((command, index) =>
    command.startsWith('RCPT TO:') ? [`${all[index - 1]?.trimEnd()} ${command.trimEnd()}`] : [],
  );
  return pairs.sort();
}

export const sendViews = {
  log: logView,
  log_full: frameView,
  queue_left: queueView,
  home_after: mailboxView,
  alias_after: mailboxView,
  smtp: smtpView,
};

const letters = { success: 'K', failure: 'D', deferral: 'Z' } as const;

/** What qmail-send adds to the last report of a message that is too old: the delivery itself was deferred. */
const giveUp = "I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./";

function parseResult(line: string): Answer {
  const [, result = '', text = ''] = /^delivery \d+: (\w+): (.*)$/.exec(line) ?? [];
  const said = (wording: string) => wording.replaceAll('_', ' ').replaceAll('/', '\n');
  if (text.endsWith(giveUp)) return { verdict: 'Z', text: said(text.slice(0, -giveUp.length)) };
  return { verdict: letters[result as keyof typeof letters], text: said(text) };
}

/** What came of each attempt, by channel and address, in order. */
function recordedResults(log: readonly string[]): ReadonlyMap<string, Answer[]> {
  const results = new Map<string, Answer[]>();
  for (const line of log) {
    const [, number, to = ''] = /^starting delivery (\d+): msg \S+ to (.*)$/.exec(line) ?? [];
    const result = log.find((other) => number !== undefined && other.startsWith(`delivery ${number}: `));
    if (result !== undefined) results.set(to, [...(results.get(to) ?? []), parseResult(result)]);
  }
  return results;
}

function parseEnvelope(text: string): Envelope {
  const parser = createEnvelopeParser({ addressBytesMax: 10_000, recipientsMax: 10_000 });
  const state = parser.feed(bytesOf(text));
  if (state.state !== 'complete') throw new Error(`the envelope is ${state.state}`);
  return state.envelope;
}

function queueLeft({ store }: Sending, channelOf: (address: string) => { channel: string; address: string }) {
  const left: Record<string, string> = {};
  const add = (path: string, text: string) => {
    left[path] = (left[path] ?? '') + text;
  };
  for (const message of store.messages()) {
    add(`info/${message.id}`, `F${message.sender}\0`);
    for (const recipient of store.recipients(message.id)) {
      const { channel, address } = channelOf(recipient.address);
      if (recipient.state === 'failed') add(`bounce/${message.id}`, `<${recipient.address}>:\n\n`);
      else add(`${channel}/${message.id}`, `T${address}\0`);
    }
  }
  return left;
}

/** Everything has been tried, and nothing is due. */
function isQuiet({ store, events }: Sending, nowMs: number): boolean {
  // In this order: what is no longer due is then seen as what it has become.
  if (store.due({ order: -1, id: -1 }, nowMs, 1).length > 0) return false;
  const { fresh, failed, incoming } = store.counts();
  if (fresh > 0 || failed > 0 || incoming > 0) return false;
  const count = (name: string) => events.filter(({ event }) => event === name).length;
  return count('start') === count('delivery');
}

function wholeText(store: Store, id: number): string {
  const message = store.message(id);
  let text = '';
  if (message !== undefined) for (const chunk of store.body(message).chunks()) text += textOf(chunk);
  return text;
}

export async function runSendCase(vector: SendCase): Promise<object> {
  const results = recordedResults(vector.log);
  const home: Record<string, string> = {};
  const alias: Record<string, string> = {};
  const smtp: string[] = [];
  let nowMs = Date.UTC(2026, 10, 5, 8, 44, 38);

  /** Whether the recorded run put what went to an address into the alias user's mailboxes. */
  const isAlias = (address: string) =>
    Object.values(vector.alias_after).some((text) => text.includes(`\nDelivered-To: ${address}\n`));

  const sending = await openSending({
    now: () => nowMs,
    controls: vector.controls,
    async deliver({ message, sender, address, recipient }) {
      const { channel } = sending.route(recipient.address);
      const answer = results.get(`${channel} ${address}`)?.shift();
      if (answer === undefined) throw new Error(`${channel} ${address} was not tried so often`);
      if (channel === 'remote') {
        // Without a conversation nothing was said.
        if (answer.text.includes('Remote host said'))
          smtp.push(`MAIL FROM:<${sender}>\r\n`, `RCPT TO:<${address}>\r\n`);
      } else if (/did [1-9]\d*\+/.test(answer.text)) {
        const mailbox = isAlias(address) ? alias : home;
        const text = wholeText(sending.store, message.id);
        mailbox[`${Object.keys(mailbox).length}`] =
          `Return-Path: <${sender}>\nDelivered-To: ${address}\n${text}`;
      }
      return answer;
    },
  });
  const { store, sender } = sending;
  const quiet = () => until(() => isQuiet(sending, nowMs));
  sender.start();
  const incoming = store.begin({ caller: 1000, host: '' });
  incoming.write(bytesOf(vector.message));
  const answer = await incoming.commit(parseEnvelope(vector.envelope));
  if (answer.verdict !== 'K') throw new Error(answer.text);
  await quiet();
  if (vector.signal !== null) {
    const [, seconds] = /^ALRM after ([\d.]+)s$/.exec(vector.signal) ?? [];
    if (seconds === undefined) throw new Error(`unknown signal: ${vector.signal}`);
    nowMs += Number(seconds) * 1000;
    await sender.retryNow();
    await quiet();
  }
  const left = queueLeft(sending, sending.route);
  await sending.stop();
  return {
    log: sending.log,
    log_full: sending.log.join('\n'),
    queue_left: left,
    home_after: home,
    alias_after: alias,
    smtp,
  };
}

function forwards(vector: SendCase): boolean {
  return vector.log.some((line) => /^delivery \d+: success: did_\d+\+[1-9]/.test(line));
}

/** The first message of a log alone. */
function withoutForwarded(log: readonly string[], actual: readonly string[]): readonly string[] {
  const recorded = [...logView(log)];
  const missing = logView(actual).filter((entry) => {
    const index = recorded.indexOf(entry);
    if (index >= 0) recorded.splice(index, 1);
    return index < 0;
  });
  if (missing.length > 0) throw new Error(`the recorded log has no ${missing.join(', ')}`);
  const kinds = recorded.map((entry) => entry.split(' ')[0]);
  if (
    !kinds.includes('new') ||
    kinds.filter((kind) => kind === 'new').length !== kinds.filter((kind) => kind === 'end').length
  )
    throw new Error(`more than forwarded messages is missing: ${recorded.join(', ')}`);
  return actual;
}

export const sendRules: readonly Rule<SendCase>[] = [
  {
    reason: 'what a .qmail file forwards is a message of its own, and no .qmail file is run here',
    applies: forwards,
    expect: (vector, actual) => ({
      log: withoutForwarded(vector.log, actual['log'] as readonly string[]),
      home_after: actual['home_after'],
      alias_after: actual['alias_after'],
    }),
  },
];
