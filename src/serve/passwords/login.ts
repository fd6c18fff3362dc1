/**
 * Who wants in, as checkpassword programs are told on descriptor 3:
 *
 *     login = user NUL password NUL timestamp NUL *( more )        512 bytes at most
 *
 * The timestamp is the challenge of APOP, whose answer stands in the place of the password; where there was none it may be
 * empty.
 */
import { type ByteString, bytesOf, textOf } from '../../system/index.ts';

export interface Login {
  readonly user: ByteString;
  readonly password: ByteString;
  readonly timestamp: ByteString;
}

/** What the interface allows; programs refuse more. */
export const loginBytesMax = 512;

/** Undefined when it cannot be said: it is too long, or has a NUL byte in it. */
export function packLogin({ user, password, timestamp }: Login): Uint8Array | undefined {
  const fields = [user, password, timestamp];
  if (fields.some((field) => field.includes('\0'))) return undefined;
  const text = fields.map((field) => `${field}\0`).join('');
  return text.length > loginBytesMax ? undefined : bytesOf(text);
}

/** Undefined when it is none. What follows the timestamp is passed over; the timestamp itself may be missing. */
export function parseLogin(bytes: Uint8Array): Login | undefined {
  if (bytes.length > loginBytesMax) return undefined;
  const fields = textOf(bytes).split('\0');
  // What is behind the last NUL byte is no field.
  const [user, password, timestamp = ''] = fields.slice(0, -1);
  if (user === undefined || password === undefined) return undefined;
  return { user, password, timestamp };
}
