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

const dot = 46;
const comma = 44;

/** Where the digits end that begin there, of which `max` are looked at. A spool may be full of names: this makes nothing. */
function digitsEnd(text: ByteString, start: number, max: number): number {
  const limit = Math.min(text.length, start + max);
  let at = start;
  for (; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) break;
  }
  return at;
}

/** Whether an id stands there. */
function hasId(text: ByteString, start: number): boolean {
  const end = start + idDigits;
  if (text.length < end) return false;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

const isTime = (text: ByteString) =>
  text.length === timeDigits && digitsEnd(text, 0, timeDigits) === timeDigits;
const isId = (text: ByteString) => text.length === idDigits && hasId(text, 0);

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
  if (entry.unknownAt.length === 0) return head + tail;
  const since = `.${timeText(entry.unknownSinceMs)},`;
  let places = entry.unknownAt;
  let name = head + since + places.join(',') + tail;
  // A claim may come later: there must be room for it, whatever the name says now.
  while (places.length > 0 && name.length > nameBytesMax - idDigits - 1) {
    places = places.slice(1);
    name = head + (places.length === 0 ? '' : since + places.join(',')) + tail;
  }
  return name;
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

const nowhere: readonly string[] = [];

const idStart = timeDigits + 1;
const sizeStart = idStart + idDigits + 1;

/** The places and since when, from what stands between `start` and `end`; undefined when it is not of that form. */
function parseUnknown(
  name: ByteString,
  start: number,
  end: number,
): Pick<Entry, 'unknownAt' | 'unknownSinceMs'> | undefined {
  if (start === end) return { unknownAt: nowhere, unknownSinceMs: 0 };
  const since = start + 1;
  const sinceEnd = digitsEnd(name, since, timeDigits);
  if (name.charCodeAt(start) !== dot || sinceEnd < since + timeDigits) return undefined;
  if (name.charCodeAt(sinceEnd) !== comma || sinceEnd >= end) return undefined;
  const unknownAt = name.slice(sinceEnd + 1, end).split(',');
  return unknownAt.includes('')
    ? undefined
    : { unknownAt, unknownSinceMs: Number(name.slice(since, sinceEnd)) };
}

function parseEntry(name: ByteString): SpoolName {
  const at = name.indexOf('@');
  const end = at < 0 ? name.length : at;
  if (at >= 0 && (name.length !== at + 1 + idDigits || !hasId(name, at + 1))) return strange;
  if (digitsEnd(name, 0, timeDigits) < timeDigits || name.charCodeAt(timeDigits) !== dot) return strange;
  if (!hasId(name, idStart) || name.charCodeAt(sizeStart - 1) !== dot) return strange;
  const sizeEnd = digitsEnd(name, sizeStart, numberDigitsMax);
  const triesEnd = digitsEnd(name, sizeEnd + 1, numberDigitsMax);
  if (sizeEnd === sizeStart || name.charCodeAt(sizeEnd) !== dot || triesEnd === sizeEnd + 1) return strange;
  const unknown = parseUnknown(name, triesEnd, end);
  if (unknown === undefined) return strange;
  const entry = {
    arrivedMs: Number(name.slice(0, timeDigits)),
    id: name.slice(idStart, sizeStart - 1),
    sizeBytes: Number(name.slice(sizeStart, sizeEnd)),
    tries: Number(name.slice(sizeEnd + 1, triesEnd)),
    unknownAt: unknown.unknownAt,
    unknownSinceMs: unknown.unknownSinceMs,
    claim: at < 0 ? undefined : name.slice(at + 1),
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
