/**
 * The file of one satellite, control/satellites/NAME: its keys, and what it may do. One word and its values on a line:
 *
 *     line   = "key" pin / "senders" 1*address / "recipients" 1*address / "bytes" number
 *            / "rate" number "/" ( "s" / "m" / "h" / "d" ) [ "burst" number ] / "domain" name / "revoked"
 *     address = [ local ] "@" [ "." ] domain
 *
 * What no line says is not restricted. A line that cannot be understood makes the whole file useless: a policy that is
 * half understood is none.
 */
import { parsePin } from '../../../qmqp/index.ts';
import { parseList } from '../../control/index.ts';
import { type ByteString, lowerAscii, printable } from '../../system/index.ts';

export interface Rate {
  readonly messages: number;
  readonly perMs: number;
  /** How many may come at once. */
  readonly burst: number;
}

export interface SatellitePolicy {
  /** Fingerprints: one, or two while it changes its key. */
  readonly keys: readonly ByteString[];
  readonly revoked: boolean;
  readonly senders: readonly ByteString[] | undefined;
  readonly recipients: readonly ByteString[] | undefined;
  readonly messageBytesMax: number | undefined;
  readonly rate: Rate | undefined;
  /** The domain that every sender gets. */
  readonly domain: ByteString | undefined;
}

/** One is in use, the other comes next. */
export const keysMax = 2;

const nameBytesMax = 64;

const nameCharacters = '0123456789abcdefghijklmnopqrstuvwxyz.-_';

/** A name that can be a file's, and can stand in Received and in the log as it is. */
export function isSatelliteName(text: ByteString): boolean {
  const starts = text !== '' && !'.-'.includes(text.charAt(0));
  return starts && text.length <= nameBytesMax && [...text].every((char) => nameCharacters.includes(char));
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseNumber(text: ByteString | undefined): number {
  const value = Number(text);
  const isNumber =
    text !== undefined && text !== '' && [...text].every((digit) => digit >= '0' && digit <= '9');
  if (!isNumber || !Number.isSafeInteger(value) || value === 0)
    throw new Error('it wants a number from 1 on');
  return value;
}

function parseRate([amount = '', word, count, ...rest]: readonly ByteString[]): Rate {
  const perMs = unitMs[amount.slice(-1)];
  if (perMs === undefined || amount.at(-2) !== '/' || rest.length > 0)
    throw new Error('a rate is written as in 60/m or 60/m burst 100');
  const messages = parseNumber(amount.slice(0, -2));
  if (word !== undefined && word !== 'burst') throw new Error('only burst and a number may follow the rate');
  return { messages, perMs, burst: word === undefined ? messages : parseNumber(count) };
}

function parseAddresses(words: readonly ByteString[]): readonly ByteString[] {
  if (words.length === 0) throw new Error('it wants addresses');
  for (const word of words) {
    const at = word.lastIndexOf('@');
    if (at < 0 || at === word.length - 1) throw new Error(`${printable(word)} has no domain`);
  }
  return words.map(lowerAscii);
}

function oneWord(words: readonly ByteString[]): ByteString {
  const [word, ...others] = words;
  if (word === undefined || others.length > 0) throw new Error('it wants one word');
  return word;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function takeLine(policy: Mutable<SatellitePolicy>, word: ByteString, values: readonly ByteString[]): void {
  switch (word) {
    case 'key': {
      const pin = parsePin(oneWord(values));
      if (pin === undefined) throw new Error('a key is sha256: and 64 hexadecimal digits');
      policy.keys = [...policy.keys, pin];
      return;
    }
    case 'senders':
      policy.senders = [...(policy.senders ?? []), ...parseAddresses(values)];
      return;
    case 'recipients':
      policy.recipients = [...(policy.recipients ?? []), ...parseAddresses(values)];
      return;
    case 'bytes':
      policy.messageBytesMax = parseNumber(oneWord(values));
      return;
    case 'rate':
      policy.rate = parseRate(values);
      return;
    case 'domain':
      policy.domain = oneWord(values);
      return;
    case 'revoked':
      if (values.length > 0) throw new Error('nothing follows it');
      policy.revoked = true;
      return;
    default:
      throw new Error('there is no such word');
  }
}

/** Throws, with the line, when it cannot be understood. */
export function parseSatelliteFile(text: ByteString): SatellitePolicy {
  const policy: Mutable<SatellitePolicy> = {
    keys: [],
    revoked: false,
    senders: undefined,
    recipients: undefined,
    messageBytesMax: undefined,
    rate: undefined,
    domain: undefined,
  };
  for (const line of parseList(text)) {
    const [word = '', ...values] = line
      .replaceAll('\t', ' ')
      .split(' ')
      .filter((part) => part !== '');
    try {
      takeLine(policy, word, values);
    } catch (error) {
      throw new Error(`${printable(line)}: ${String(error instanceof Error ? error.message : error)}`);
    }
  }
  if (policy.keys.length > keysMax) throw new Error(`it has more than ${keysMax} keys`);
  return policy;
}
