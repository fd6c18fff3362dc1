/**
 * Domain names as DNS messages carry them (RFC 1035 3.1, 4.1.4):
 *
 *     domain-name = *label 1*1( root / pointer )
 *     label       = length 1*63OCTET            ; length: 1 to 63
 *     root        = %x00
 *     pointer     = 2OCTET                      ; the upper two bits set, the rest an offset into the message
 *
 * In this program a name is text in lower case, without the dot at its end.
 */
import { type ByteString, lowerAscii } from '../system/index.ts';

/** RFC 1035 2.3.4. */
const labelBytesMax = 63;
const nameBytesMax = 253;

const pointerBits = 0xc0;

/** The bytes of a name, or undefined when it cannot be one. */
export function formatName(name: ByteString): readonly number[] | undefined {
  const bytes: number[] = [];
  if (name.length > nameBytesMax) return undefined;
  for (const label of name === '' ? [] : name.split('.')) {
    if (label === '' || label.length > labelBytesMax) return undefined;
    bytes.push(label.length);
    for (let index = 0; index < label.length; index += 1) bytes.push(label.charCodeAt(index));
  }
  return [...bytes, 0];
}

export interface FoundName {
  readonly name: ByteString;
  /** Where the next field begins. */
  readonly end: number;
}

/**
 * The name at an offset of a message, or undefined when there is none. A pointer must lead to before the place where
 * the labels that it ends have begun, so no chain of them comes back to itself, and a name that grows too long ends it.
 */
export function readName(message: Uint8Array, offset: number): FoundName | undefined {
  let name = '';
  let end: number | undefined;
  let begun = offset;
  for (let at = offset; ; ) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: lowerAscii(name), end: end ?? at + 1 };
    if ((length & pointerBits) === pointerBits) {
      const low = message[at + 1];
      if (low === undefined) return undefined;
      end ??= at + 2;
      at = ((length & ~pointerBits) << 8) | low;
      if (at >= begun) return undefined;
      begun = at;
      continue;
    }
    if (length > labelBytesMax || at + length >= message.length) return undefined;
    if (name !== '') name += '.';
    for (let index = at + 1; index <= at + length; index += 1) {
      const code = message[index] ?? 0;
      // A dot within a label would make another name of it.
      name += code === 0x2e ? '\\.' : String.fromCharCode(code);
    }
    if (name.length > nameBytesMax) return undefined;
    at += length + 1;
  }
}
