/**
 * Byte strings. Mail is bytes, not characters: addresses, header fields and control lines are kept as strings
 * whose code units are bytes (Latin-1), so that they compare, split and key maps as the language does it, and
 * every byte from 0 to 255 passes unchanged. Bodies stay Uint8Array and are never turned into text.
 */

/** A string in which each code unit is one byte (0 to 255). */
export type ByteString = string;

/** How many code units one call of fromCharCode takes: engines limit the number of arguments. */
const argumentsMax = 8192;

/** The bytes of a byte string. Code units over 255 are a programmer's error. */
export function bytesOf(text: ByteString): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 255) throw new RangeError(`not a byte string: code unit ${code} at ${index}`);
    bytes[index] = code;
  }
  return bytes;
}

/** The byte string of bytes[start, end). */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): ByteString {
  let text = '';
  for (let from = start; from < end; from += argumentsMax) {
    // Spreading the bytes would walk them with an iterator, which takes six times as long.
    const codes = bytes.subarray(from, Math.min(from + argumentsMax, end));
    text += Reflect.apply(String.fromCharCode, undefined, codes);
  }
  return text;
}

/** A byte string from text of any kind: code points over 127 become their UTF-8 bytes. */
export function byteStringOf(text: string): ByteString {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) result += character;
    else if (code < 0x800) result += utf8(0xc0 | (code >> 6), code);
    else if (code < 0x10000) result += utf8(0xe0 | (code >> 12), code >> 6, code);
    else result += utf8(0xf0 | (code >> 18), code >> 12, code >> 6, code);
  }
  return result;
}

function utf8(lead: number, ...rest: readonly number[]): ByteString {
  return String.fromCharCode(lead, ...rest.map((bits) => 0x80 | (bits & 0x3f)));
}

/** One array from several. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** ASCII lower case; bytes over 127 stay as they are, as in qmail's case_lowerb. */
export function lowerAscii(text: ByteString): ByteString {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    result += code >= 65 && code <= 90 ? String.fromCharCode(code + 32) : text.charAt(index);
  }
  return result;
}

/**
 * Text for a log line or an error: bytes below 32 and above 126 are written as \xNN, and the rest is cut after
 * `lengthMax`, so that a peer can neither forge a line nor flood one.
 */
export function printable(text: ByteString, lengthMax = 1000): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    if (result.length >= lengthMax) return `${result}...`;
    const code = text.charCodeAt(index);
    result += code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : text.charAt(index);
  }
  return result;
}
