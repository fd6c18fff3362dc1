/**
 * The envelope as qmail-queue reads it on descriptor 1:
 *
 *     envelope  = "F" sender NUL *( "T" recipient NUL ) NUL
 *
 * The parser takes the bytes in pieces of any size and never keeps more than its limits allow. What follows the
 * final NUL is ignored, as the original does.
 */
import { type ByteString, bytesOf, textOf } from '../system/index.ts';

export interface Envelope {
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
}

export interface EnvelopeLimits {
  /** Bytes of one address, without its NUL. */
  readonly addressBytesMax: number;
  readonly recipientsMax: number;
}

export type EnvelopeState =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly envelope: Envelope }
  | { readonly state: 'malformed' }
  | { readonly state: 'address-too-long' }
  | { readonly state: 'too-many-recipients' };

export interface EnvelopeParser {
  /** Takes the next bytes. Once the state is no longer `more` it does not change. */
  feed(bytes: Uint8Array): EnvelopeState;
}

const tagSender = 70;
const tagRecipient = 84;

export function createEnvelopeParser(limits: EnvelopeLimits): EnvelopeParser {
  let sender: ByteString | undefined;
  const recipients: ByteString[] = [];
  let partial = '';
  let inAddress = false;
  let result: EnvelopeState = { state: 'more' };

  /** One byte where a record begins: its tag, or the NUL that ends the envelope. */
  function begin(byte: number): EnvelopeState {
    if (sender === undefined) {
      if (byte !== tagSender) return { state: 'malformed' };
    } else if (byte === 0) {
      return { state: 'complete', envelope: { sender, recipients } };
    } else if (byte !== tagRecipient) {
      return { state: 'malformed' };
    } else if (recipients.length >= limits.recipientsMax) {
      return { state: 'too-many-recipients' };
    }
    inAddress = true;
    partial = '';
    return { state: 'more' };
  }

  /** The bytes of an address up to its NUL or the end of this piece. Returns how many were taken. */
  function continueAddress(bytes: Uint8Array, start: number): number {
    const found = bytes.indexOf(0, start);
    const end = found < 0 ? bytes.length : found;
    if (partial.length + end - start > limits.addressBytesMax) {
      result = { state: 'address-too-long' };
      return bytes.length - start;
    }
    partial += textOf(bytes, start, end);
    if (found < 0) return end - start;
    if (sender === undefined) sender = partial;
    else recipients.push(partial);
    inAddress = false;
    return end - start + 1;
  }

  return {
    feed(bytes) {
      let index = 0;
      while (result.state === 'more' && index < bytes.length) {
        if (inAddress) {
          index += continueAddress(bytes, index);
        } else {
          result = begin(bytes[index] ?? 0);
          index += 1;
        }
      }
      return result;
    },
  };
}

/** The bytes of an envelope. An address with a NUL cannot be written and is a programmer's error. */
export function formatEnvelope(envelope: Envelope): Uint8Array {
  const addresses = [envelope.sender, ...envelope.recipients];
  if (addresses.some((address) => address.includes('\0'))) throw new Error('an address contains NUL');
  return bytesOf(`F${envelope.sender}\0${envelope.recipients.map((address) => `T${address}\0`).join('')}\0`);
}
