/** Byte strings at Node's edge: paths go to the kernel as the bytes they are, arguments come back as such. */
import { readFileSync } from 'node:fs';
import { type ByteString, byteStringOf, printable } from '../bytes.ts';
import { SystemError } from '../system-error.ts';

/** Node writes UTF-8 for a string path, so a path with bytes over 127 must be handed over as a Buffer. */
export function nativePath(path: ByteString): string | Buffer {
  for (let index = 0; index < path.length; index += 1) {
    if (path.charCodeAt(index) > 127) return Buffer.from(path, 'latin1');
  }
  return path;
}

/**
 * The text that Node turns into these bytes, where it takes text alone: in a program's arguments and variables, and
 * for the path of a socket. Bytes that are no UTF-8 cannot pass; they are refused rather than changed.
 */
export function nativeText(bytes: ByteString): string {
  const native = nativePath(bytes);
  if (typeof native === 'string') return native;
  const decoded = native.toString('utf8');
  if (decoded.includes('\ufffd')) throw new SystemError('EILSEQ', `not valid UTF-8: ${printable(bytes)}`);
  return decoded;
}

/**
 * The arguments as bytes. Node decodes them as UTF-8 and puts U+FFFD where that fails; then, and only then, the
 * kernel's own copy is read.
 */
export function argumentBytes(decoded: readonly string[]): readonly ByteString[] {
  if (!decoded.some((argument) => argument.includes('\ufffd'))) return decoded.map(byteStringOf);
  const raw = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return raw.slice(raw.length - decoded.length);
}

/** One environment variable as bytes, by the same rule. */
export function environmentBytes(name: string): ByteString | undefined {
  const decoded = process.env[name];
  if (decoded === undefined) return undefined;
  if (!decoded.includes('\ufffd')) return byteStringOf(decoded);
  const prefix = `${name}=`;
  const raw = readFileSync('/proc/self/environ', 'latin1').split('\0');
  return raw.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? byteStringOf(decoded);
}
