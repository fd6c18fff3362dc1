/**
 * The name of a file in SPOOL/queue says all that must be known of it without opening it, so that each change of its
 * state is one rename:
 *
 *     entry     = time "." id "." size "." tries [ "." since 1*( "," place ) ] [ "@" flush ]
 *     time      = 15DIGIT      ; milliseconds since 1970 when it was kept: names sort by it
 *     id        = 16HEX        ; random
 *     size      = 1*DIGIT      ; bytes of the package
 *     tries     = 1*DIGIT      ; how often a hub has put it off or broken a session over it
 *     since     = time         ; since when a hub may have it
 *     place     = ADDRESS:PORT ; that hub, which is to be asked before any other
 *     flush     = 16HEX        ; the flush that is sending it and holds the lock of that name
 *     temporary = "tmp." time "." id
 *     lock      = "lock." flush
 */
import type { ByteString } from '../system/index.ts';

export interface Entry {
  readonly arrivedMs: number;
  readonly id: string;
  readonly sizeBytes: number;
  readonly tries: number;
  /** Places that may have the message ... */
  readonly unknownAt: readonly string[];
  /** ... and since when; 0 without any. */
  readonly unknownSinceMs: number;
  /** The flush that has claimed it. */
  readonly claim: string | undefined;
}

export type SpoolName =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'temporary'; readonly beganMs: number }
  | { readonly kind: 'lock'; readonly flush: string }
  | { readonly kind: 'strange' };

const timeDigits = 15;
const idBytes = 8;
const idDigits = idBytes * 2;
const numberDigitsMax = 12;

/** What a file system allows for a name. */
const nameBytesMax = 255;

const decimal = '0123456789';
const hex = `${decimal}abcdef`;

function consistsOf(text: ByteString, characters: string, min: number, max: number): boolean {
  if (text.length < min || text.length > max) return false;
  // An iterator would make an object for each character of each name of a full spool.
  for (let index = 0; index < text.length; index += 1) {
    if (!characters.includes(text.charAt(index))) return false;
  }
  return true;
}

const isTime = (text: ByteString) => consistsOf(text, decimal, timeDigits, timeDigits);
const isId = (text: ByteString) => consistsOf(text, hex, idDigits, idDigits);
const isNumber = (text: ByteString) => consistsOf(text, decimal, 1, numberDigitsMax);

/** What an entry says of places that may have it, when it said something else before. */
export function unknownFrom(
  before: Entry,
  unknownAt: readonly string[],
  nowMs: number,
): Pick<Entry, 'unknownAt' | 'unknownSinceMs'> {
  const sinceMs = before.unknownAt.length > 0 ? before.unknownSinceMs : Math.floor(nowMs);
  return { unknownAt, unknownSinceMs: unknownAt.length > 0 ? sinceMs : 0 };
}

/** A new name for an entry or a flush. */
export function newId(random: (sizeBytes: number) => Uint8Array): string {
  let text = '';
  for (const byte of random(idBytes)) text += byte.toString(16).padStart(2, '0');
  return text;
}

function timeText(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(timeDigits, '0');
}

/** Of places that do not fit into a name the oldest are left out. */
export function formatEntryName(entry: Entry): ByteString {
  const head = `${timeText(entry.arrivedMs)}.${entry.id}.${entry.sizeBytes}.${entry.tries}`;
  const tail = entry.claim === undefined ? '' : `@${entry.claim}`;
  const places = [...entry.unknownAt];
  const since = `.${timeText(entry.unknownSinceMs)},`;
  const name = () => head + (places.length === 0 ? '' : since + places.join(',')) + tail;
  // A claim may come later: there must be room for it, whatever the name says now.
  while (places.length > 0 && name().length > nameBytesMax - idDigits - 1) places.shift();
  return name();
}

/** Names of entries that were kept before this time sort before it, and all other names after it. */
export function firstNameOf(arrivedMs: number): ByteString {
  return timeText(arrivedMs);
}

export function temporaryName(nowMs: number, id: string): ByteString {
  return `tmp.${timeText(nowMs)}.${id}`;
}

export function lockName(flush: string): ByteString {
  return `lock.${flush}`;
}

const strange: SpoolName = { kind: 'strange' };

function parseEntry(name: ByteString): SpoolName {
  const at = name.indexOf('@');
  const claim = at < 0 ? undefined : name.slice(at + 1);
  if (claim !== undefined && !isId(claim)) return strange;
  const [head = '', ...unknownAt] = (at < 0 ? name : name.slice(0, at)).split(',');
  const [time = '', id = '', size = '', tries = '', since, ...more] = head.split('.');
  if (more.length > 0 || unknownAt.includes('')) return strange;
  if ((since !== undefined) !== unknownAt.length > 0 || !isTime(since ?? time)) return strange;
  if (!isTime(time) || !isId(id) || !isNumber(size) || !isNumber(tries)) return strange;
  const entry = {
    arrivedMs: Number(time),
    id,
    sizeBytes: Number(size),
    tries: Number(tries),
    unknownAt,
    unknownSinceMs: Number(since ?? 0),
    claim,
  };
  return { kind: 'entry', entry };
}

function parseTemporary(name: ByteString): SpoolName {
  const [, time = '', id = '', ...more] = name.split('.');
  return isTime(time) && isId(id) && more.length === 0
    ? { kind: 'temporary', beganMs: Number(time) }
    : strange;
}

export function parseSpoolName(name: ByteString): SpoolName {
  if (name.startsWith('tmp.')) return parseTemporary(name);
  if (!name.startsWith('lock.')) return parseEntry(name);
  const flush = name.slice('lock.'.length);
  return isId(flush) ? { kind: 'lock', flush } : strange;
}
