/**
 * Byte strings one after the other in one payload, for what processes of the hub say to one another:
 *
 *     fields = *( length bytes )        length: 4 bytes, the most significant first
 */
import type { ByteString } from '../system/index.ts';

const lengthBytes = 4;

/** Each a byte string. */
export function packFields(fields: readonly ByteString[]): Buffer {
  let sizeBytes = 0;
  for (const field of fields) sizeBytes += lengthBytes + field.length;
  const packed = Buffer.allocUnsafe(sizeBytes);
  let offset = 0;
  for (const field of fields) {
    offset = packed.writeUInt32BE(field.length, offset);
    offset += packed.write(field, offset, 'latin1');
  }
  return packed;
}

/** The fields, or undefined when the payload is none. There are never more than a quarter of its bytes. */
export function unpackFields(payload: Buffer): readonly ByteString[] | undefined {
  const fields: ByteString[] = [];
  let offset = 0;
  while (offset < payload.length) {
    if (offset + lengthBytes > payload.length) return undefined;
    const start = offset + lengthBytes;
    const end = start + payload.readUInt32BE(offset);
    if (end > payload.length) return undefined;
    fields.push(payload.toString('latin1', start, end));
    offset = end;
  }
  return fields;
}
