/**
 * Hashes of passwords by scrypt (RFC 7914), in the notation of the Password Hashing Competition:
 *
 *     hash = "$scrypt$ln=" digits ",r=" digits ",p=" digits "$" salt "$" key      salt, key: base64 without "="
 *
 * ln is the binary logarithm of N. What a hash may cost has limits, whoever wrote it.
 */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { type ByteString, bytesOf } from '../../system/index.ts';

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, and some tens of milliseconds. */
const costDefault: Cost = { ln: 15, r: 8, p: 1 };

const costMax: Cost = { ln: 18, r: 16, p: 4 };

const saltBytes = 16;
const keyBytes = 32;
const fieldBytesMax = 64;

/** What scrypt needs besides its table. */
const memorySpareBytes = 1024 * 1024;

interface ScryptHash {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

function derive(password: ByteString, salt: Uint8Array, { ln, r, p }: Cost, length: number): Buffer {
  const N = 2 ** ln;
  return scryptSync(bytesOf(password), salt, length, {
    N,
    r,
    p,
    maxmem: 128 * r * (N + p) + memorySpareBytes,
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** The bytes of a base64 text, or undefined when it is not the one of these bytes. */
function unbase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.length <= fieldBytesMax && base64(bytes) === text ? bytes : undefined;
}

/** NAME "=" digits, from 1 to `most`. */
function numberIn(text: string | undefined, name: string, most: number): number | undefined {
  const digits = text?.startsWith(`${name}=`) ? text.slice(name.length + 1) : '';
  const value = Number(digits);
  return String(value) === digits && Number.isInteger(value) && value >= 1 && value <= most
    ? value
    : undefined;
}

function parseHash(text: string): ScryptHash | undefined {
  const [before, kind, costs = '', saltText = '', keyText = '', ...more] = text.split('$');
  if (before !== '' || kind !== 'scrypt' || more.length > 0) return undefined;
  const [lnText, rText, pText, ...rest] = costs.split(',');
  const ln = numberIn(lnText, 'ln', costMax.ln);
  const r = numberIn(rText, 'r', costMax.r);
  const p = numberIn(pText, 'p', costMax.p);
  const salt = unbase64(saltText);
  const key = unbase64(keyText);
  if (ln === undefined || r === undefined || p === undefined || rest.length > 0) return undefined;
  if (salt === undefined || key === undefined) return undefined;
  return { cost: { ln, r, p }, salt, key };
}

export function isScryptHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

/** A new hash of a password, with a salt of its own. */
export function makeScryptHash(password: ByteString, cost: Cost = costDefault): string {
  const salt = randomBytes(saltBytes);
  const key = derive(password, salt, cost, keyBytes);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(key)}`;
}

/** Whether a password is the one of a hash. A text that is no hash is nobody's. */
export function fitsScryptHash(password: ByteString, text: string): boolean {
  const hash = parseHash(text);
  if (hash === undefined) return false;
  return timingSafeEqual(derive(password, hash.salt, hash.cost, hash.key.length), hash.key);
}
