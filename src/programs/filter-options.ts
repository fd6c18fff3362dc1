/** The options with which qmail-qctl, qmail-qread and qmail-qshape are told which messages and recipients are meant. */
import type { CommandLine, Entry, OptionManual } from '../manual/index.ts';
import { type Filter, type RecipientState, recipientState } from '../queue/index.ts';
import type { ByteString } from '../system/index.ts';
import { parseDuration } from './duration.ts';

export const filterOptions: readonly OptionManual[] = [
  {
    name: 'message',
    value: 'ID',
    repeated: true,
    text: 'The message with this number, or with this Message-ID.',
  },
  {
    name: 'sender',
    value: 'ADDRESS',
    repeated: true,
    text: "Messages from this envelope sender; '' or '<>' means bounces.",
  },
  {
    name: 'recipient',
    value: 'ADDRESS',
    repeated: true,
    text: 'Recipients with this address, as the envelope has it.',
  },
  {
    name: 'domain',
    value: 'DOMAIN',
    repeated: true,
    text: 'Recipients in this domain; .example.com means all domains below example.com.',
  },
  {
    name: 'host',
    value: 'HOST',
    repeated: true,
    text: "Messages that this host has submitted, by its address; '' means this machine.",
  },
  {
    name: 'state',
    value: 'STATE',
    repeated: true,
    text: 'Recipients that are fresh (not tried yet), waiting (for their next attempt), held (by an operator) or failed (their bounce follows when the other recipients of the message are done).',
  },
  {
    name: 'older-than',
    value: 'TIME',
    text: 'Messages that were accepted longer ago: a number with s, m, h, d or w, as in 2h.',
  },
];

/** What the manuals say of them all. */
export const filterText =
  'A filter chooses messages and recipients. An option that is given several times is met by any of its values; different options must all be met. Addresses, domains and hosts are compared without regard to case.';

export const filterLimits: readonly Entry[] = [['filter values', '1000 of each kind']];

const valuesMax = 1000;

export type FilterReading =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly problem: string };

function bareAddress(address: ByteString): ByteString {
  return address.startsWith('<') && address.endsWith('>') ? address.slice(1, -1) : address;
}

function isState(text: string): text is RecipientState {
  return Object.hasOwn(recipientState, text);
}

/** Reads a filter from the command line. */
export function readFilter(line: CommandLine, nowMs: number): FilterReading {
  const lists = filterOptions.map(({ name }) => line.values(name));
  if (lists.some((values) => values.length > valuesMax)) {
    return { ok: false, problem: `an option of the filter may be given ${valuesMax} times` };
  }
  const states = line.values('state');
  const unknown = states.find((state) => !isState(state));
  if (unknown !== undefined) return { ok: false, problem: `there is no state ${unknown}` };
  const age = line.value('older-than');
  const ageMs = age === undefined ? undefined : parseDuration(age);
  if (age !== undefined && ageMs === undefined) return { ok: false, problem: `not a time: ${age}` };
  return {
    ok: true,
    filter: {
      messages: line.values('message').map((id) => (id.startsWith('#') ? id.slice(1) : id)),
      senders: line.values('sender').map(bareAddress),
      recipients: line.values('recipient').map(bareAddress),
      domains: line.values('domain'),
      hosts: line.values('host'),
      states: states.filter(isState),
      beforeMs: ageMs === undefined ? undefined : nowMs - ageMs,
    },
  };
}
