/** Bytes that no address, name or parameter of SMTP has in it (RFC 5321 4.1.2). */
import type { ByteString } from '../../system/index.ts';

/** Whether a control character is in the text. */
export function isControl(text: ByteString): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
