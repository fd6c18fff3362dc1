/**
 * Reads a QMQP request while it arrives, in pieces of any size:
 *
 *     package = netstring( netstring(message) netstring(sender) *netstring(recipient) )
 *
 * Message bytes are handed on and never gathered. Each length is checked against its limit and against what the
 * outer netstring has left before anything that it announces is read. An address that is too long or holds NUL
 * makes the request unacceptable, which is known only at its end: until then it is read on, as qmail-qmqpd does.
 */
import { type ByteString, textOf } from '../src/system/index.ts';
import { addDigit, colon, comma, lengthEmpty, lengthTooLong } from './netstring.ts';
import type { PackageEnvelope } from './package-format.ts';

export interface PackageLimits {
  readonly messageBytesMax: number;
  /** Bytes of one address. */
  readonly addressBytesMax: number;
  readonly recipientsMax: number;
  /** Sender and recipients together, each with its length and comma. */
  readonly envelopeBytesMax: number;
}

export type PackageProblem = 'malformed' | 'message-too-large' | 'envelope-too-large' | 'too-many-recipients';

export type PackageState =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly envelope: PackageEnvelope }
  /** Complete and well formed, but with an address that is too long or holds NUL. */
  | { readonly state: 'unacceptable' }
  | { readonly state: 'failed'; readonly problem: PackageProblem };

/** Where the message goes. */
export interface MessageSink {
  /** The message's length is known and within its limit; called once. */
  begin(sizeBytes: number): void;
  /** Bytes of the message, valid during the call only; called at most once for each piece that is fed. */
  message(bytes: Uint8Array): void;
}

export interface PackageParser {
  /** Takes the next bytes; what follows the package is ignored. Once the state is no longer `more` it stays. */
  feed(bytes: Uint8Array): PackageState;
}

/** What the next byte is; `length`, `body` and `comma` are those of an inner netstring. */
type Place = 'outer-length' | 'length' | 'body' | 'comma' | 'outer-comma';

const more: PackageState = { state: 'more' };

/** Bytes that the message's own length and comma may add to the outer netstring. */
const framingBytesMax = 32;

export function createPackageParser(limits: PackageLimits, sink: MessageSink): PackageParser {
  const outerBytesMax = limits.messageBytesMax + limits.envelopeBytesMax + framingBytesMax;
  let result = more;
  let place: Place = 'outer-length';
  /** The number that is being read. */
  let length = lengthEmpty;
  /** Bytes of the outer netstring's body that have not been read. */
  let outerLeft = 0;
  /** Bytes of the inner netstring's body that have not been read. */
  let innerLeft = 0;
  let inMessage = true;
  let sender: ByteString | undefined;
  const recipients: ByteString[] = [];
  let address: ByteString = '';
  let keepAddress = true;
  let acceptable = true;

  function fail(problem: PackageProblem): void {
    result = { state: 'failed', problem };
  }

  /** One byte of the outer length. */
  function takeOuterLength(byte: number): void {
    if (byte === colon && length >= 0) {
      outerLeft = length;
      length = lengthEmpty;
      place = 'length';
      return;
    }
    length = addDigit(length, byte, outerBytesMax);
    if (length < 0) fail(length === lengthTooLong ? 'message-too-large' : 'malformed');
  }

  /** One byte of an inner length. The body, a colon and a comma must fit into what the outer netstring has left. */
  function takeLength(byte: number): void {
    outerLeft -= 1;
    if (byte === colon && length >= 0) {
      beginBody();
      return;
    }
    length = addDigit(length, byte, outerLeft - 2);
    if (length < 0) fail('malformed');
  }

  function beginBody(): void {
    innerLeft = length;
    length = lengthEmpty;
    place = innerLeft === 0 ? 'comma' : 'body';
    if (inMessage) {
      if (innerLeft > limits.messageBytesMax) fail('message-too-large');
      else if (outerLeft - innerLeft - 1 > limits.envelopeBytesMax) fail('envelope-too-large');
      else sink.begin(innerLeft);
    } else if (sender !== undefined && recipients.length >= limits.recipientsMax) {
      fail('too-many-recipients');
    } else {
      address = '';
      keepAddress = innerLeft <= limits.addressBytesMax;
      if (!keepAddress) acceptable = false;
    }
  }

  /** Bytes of a body, as many as there are. Returns where they end. */
  function takeBody(bytes: Uint8Array, start: number): number {
    const count = Math.min(innerLeft, bytes.length - start);
    const end = start + count;
    innerLeft -= count;
    outerLeft -= count;
    if (innerLeft === 0) place = 'comma';
    if (inMessage) sink.message(bytes.subarray(start, end));
    else if (keepAddress) address += textOf(bytes, start, end);
    return end;
  }

  function takeComma(byte: number): void {
    outerLeft -= 1;
    if (byte !== comma) {
      fail('malformed');
      return;
    }
    if (inMessage) {
      inMessage = false;
    } else {
      if (address.includes('\0')) acceptable = false;
      if (sender === undefined) sender = address;
      else if (acceptable) recipients.push(address);
    }
    // The sender must follow the message; after it, the outer netstring may end.
    place = outerLeft === 0 && sender !== undefined ? 'outer-comma' : 'length';
  }

  function takeOuterComma(byte: number): void {
    if (byte !== comma) fail('malformed');
    else if (!acceptable) result = { state: 'unacceptable' };
    else result = { state: 'complete', envelope: { sender: sender ?? '', recipients } };
  }

  return {
    feed(bytes) {
      let index = 0;
      while (index < bytes.length && result === more) {
        if (place === 'body') {
          index = takeBody(bytes, index);
          continue;
        }
        const byte = bytes[index] ?? 0;
        index += 1;
        if (place === 'length') takeLength(byte);
        else if (place === 'comma') takeComma(byte);
        else if (place === 'outer-length') takeOuterLength(byte);
        else takeOuterComma(byte);
      }
      return result;
    },
  };
}
