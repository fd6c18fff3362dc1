/**
 * A hub as control/qmqpservers names it, one on a line:
 *
 *     hub  = ( ipv4 / name / "[" ipv6 "]" ) [ ":" port ] / ipv6
 *     line = hub [ blank comment ] / secure
 *
 * The port is 628 unless a line says otherwise. A hub that is spoken to in TLS (QMQPS) is named with its port, and with
 * the fingerprints of the keys that it may have: one, or two while it changes its key.
 *
 *     secure = "qmqps://" ( ipv4 / name / "[" ipv6 "]" ) ":" port 1*2( blank pin ) [ blank "#" comment ]
 *     pin    = "sha256:" 64HEXDIG
 */
import { type ByteString, consistsOf, last, lowerAscii, parseIpv4, parseIpv6 } from '../src/system/index.ts';

export interface Hub {
  /** An IPv4 or IPv6 literal, or a name. */
  readonly host: ByteString;
  readonly port: number;
  /** In TLS, with a key that has one of these fingerprints. */
  readonly pins?: readonly ByteString[];
}

export const qmqpPort = 628;

/** The protocol within TLS (RFC 7301), on both sides. */
export const secureProtocol = 'qmqp/1';

const secureScheme = 'qmqps://';
const pinPrefix = 'sha256:';
const pinDigits = 64;

/** One is in use, the other comes next. */
const pinsMax = 2;

const portMax = 65535;

/** RFC 1035 2.3.4. */
const nameBytesMax = 253;
const labelBytesMax = 63;

const digits = '0123456789';
const hexDigits = `${digits}abcdef`;
const nameCharacters = `${digits}abcdefghijklmnopqrstuvwxyz-_`;

function parseDecimal(text: ByteString, max: number): number | undefined {
  if (!consistsOf(text, digits) || text.length > String(max).length) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** A host name. One whose last label is a number would be read as an address by some, so it is none (RFC 1123 2.1). */
function parseName(text: ByteString): ByteString | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > nameBytesMax) return undefined;
  const labels = lowerAscii(name).split('.');
  const sound = labels.every(
    (label) => label.length <= labelBytesMax && consistsOf(label, nameCharacters) && !label.startsWith('-'),
  );
  return sound && !consistsOf(last(labels) ?? '', digits) ? text : undefined;
}

function withPort(host: ByteString | undefined, port: ByteString | undefined): Hub | undefined {
  if (host === undefined) return undefined;
  const number = port === undefined ? qmqpPort : parseDecimal(port, portMax);
  return number === undefined || number === 0 ? undefined : { host, port: number };
}

/** A fingerprint in the one form in which fingerprints are compared; undefined when the text is none. */
export function parsePin(text: ByteString): ByteString | undefined {
  const pin = lowerAscii(text);
  const digitsOfPin = pin.slice(pinPrefix.length);
  return pin.startsWith(pinPrefix) && digitsOfPin.length === pinDigits && consistsOf(digitsOfPin, hexDigits)
    ? pin
    : undefined;
}

/** What follows the scheme. Without a sound pin it is no hub: nobody is spoken to in TLS who is not known. */
function parseSecureHub(text: ByteString): Hub | undefined {
  const words = text
    .replaceAll('\t', ' ')
    .replaceAll('\r', ' ')
    .split(' ')
    .filter((word) => word !== '');
  const comment = words.findIndex((word) => word.startsWith('#'));
  const [where = '', ...given] = comment < 0 ? words : words.slice(0, comment);
  const pins = given.map(parsePin).filter((pin) => pin !== undefined);
  if (pins.length === 0 || pins.length > pinsMax || pins.length < given.length) return undefined;
  const host = where.startsWith('[') ? where.slice(where.indexOf(']')) : where;
  // One colon: the one before the port.
  if (where.startsWith(secureScheme) || host.split(':').length !== 2) return undefined;
  const hub = parseHub(where);
  return hub === undefined ? undefined : { ...hub, pins };
}

/** `line` without trailing blanks. Answers undefined when it names no hub. */
export function parseHub(line: ByteString): Hub | undefined {
  if (line.startsWith(secureScheme)) return parseSecureHub(line.slice(secureScheme.length));
  let end = 0;
  while (end < line.length && !' \t\r'.includes(line.charAt(end))) end += 1;
  const text = line.slice(0, end);
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    const rest = text.slice(close + 1);
    if (close < 0 || (rest !== '' && !rest.startsWith(':'))) return undefined;
    return withPort(parseIpv6(text.slice(1, close)), rest === '' ? undefined : rest.slice(1));
  }
  const colon = text.indexOf(':');
  if (colon >= 0 && colon !== text.lastIndexOf(':')) return withPort(parseIpv6(text), undefined);
  const host = colon < 0 ? text : text.slice(0, colon);
  return withPort(parseIpv4(host) ?? parseName(host), colon < 0 ? undefined : text.slice(colon + 1));
}

/** `192.0.2.1:628`, `[2001:db8::1]:628`, `qmqps://hub.example:6280`. */
export function hubText({ host, port, pins }: Hub): string {
  const scheme = pins === undefined ? '' : secureScheme;
  return `${scheme}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export interface HubList {
  readonly hubs: readonly Hub[];
  /** Lines that name no hub. */
  readonly rejected: readonly ByteString[];
}

/** The lines of control/qmqpservers. */
export function parseHubs(lines: readonly ByteString[]): HubList {
  const hubs: Hub[] = [];
  const rejected: ByteString[] = [];
  for (const line of lines) {
    const hub = parseHub(line);
    if (hub === undefined) rejected.push(line);
    else hubs.push(hub);
  }
  return { hubs, rejected };
}
