/**
 * Reads QMTP requests while they arrive, one after the other, in pieces of any size:
 *
 *     request = netstring( ( LF / CR ) message ) netstring(sender) netstring( *netstring(recipient) )
 *
 * After LF the lines of the message end in LF, after CR in CR LF, and a CR that no LF follows is part of a line. The message
 * is handed on with LF and never gathered. Each length is checked before anything that it announces is read. Addresses that
 * are too long or hold NUL are handed on as undefined: they are answered, each for itself.
 */
import { addDigit, colon, comma, lengthEmpty, lengthTooLong } from '../../qmqp/index.ts';
import { type ByteString, textOf } from '../system/index.ts';

export interface QmtpLimits {
  /** Bytes of a message that are read, whether it is taken or not. */
  readonly messageBytesMax: number;
  readonly addressBytesMax: number;
  readonly recipientsMax: number;
  /** Bytes of all recipients, each with its length and comma. */
  readonly recipientBytesMax: number;
}

export type QmtpProblem = 'malformed' | 'too-large';

export type QmtpState =
  | { readonly state: 'more' }
  /** A request is whole; the next one begins at `end`. */
  | { readonly state: 'complete'; readonly end: number }
  | { readonly state: 'failed'; readonly problem: QmtpProblem };

/** Where the parts of a request go, in this order. */
export interface QmtpSink {
  /** A request has begun: the bytes of its message on the wire are as many. */
  begin(wireBytes: number): void;
  /** Bytes of the message, valid during the call only. */
  message(bytes: Uint8Array): void;
  /** Undefined when it can be no address. */
  sender(address: ByteString | undefined): void;
  recipient(address: ByteString | undefined): void;
}

export interface QmtpParser {
  /** Takes bytes[from...] up to the end of a request. After `failed` there is nothing more to be fed. */
  feed(bytes: Uint8Array, from: number): QmtpState;
  /** Whether nothing of a request has been read. */
  readonly between: boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

const more: QmtpState = { state: 'more' };

type Place =
  | 'message-length'
  | 'message-mark'
  | 'message'
  | 'sender-length'
  | 'sender'
  | 'recipients-length'
  | 'recipient-length'
  | 'recipient'
  | 'message-comma'
  | 'sender-comma'
  | 'recipient-comma'
  | 'recipients-comma';

export function createQmtpParser(limits: QmtpLimits, sink: QmtpSink): QmtpParser {
  let place: Place = 'message-length';
  let length = lengthEmpty;
  /** Bytes that are left of the innermost netstring, and of the recipients'. */
  let left = 0;
  let recipientsLeft = 0;
  let inCrLf = false;
  let afterReturn = false;
  let address: ByteString | undefined = '';
  let recipients = 0;
  let problem: QmtpProblem | undefined;

  /** One byte of a length. Answers the whole length at its colon. */
  function takeLength(byte: number, lengthMax: number, tooLong: QmtpProblem): number | undefined {
    if (byte === colon && length >= 0) {
      const whole = length;
      length = lengthEmpty;
      return whole;
    }
    length = addDigit(length, byte, lengthMax);
    if (length < lengthEmpty) problem = length === lengthTooLong ? tooLong : 'malformed';
    return undefined;
  }

  /** One byte where only a comma may stand, and what follows it. */
  function takeComma(byte: number, next: Place): void {
    if (byte === comma) place = next;
    else problem = 'malformed';
  }

  function beginAddress(bytes: number, body: Place, end: Place): void {
    left = bytes;
    address = bytes > limits.addressBytesMax ? undefined : '';
    place = left === 0 ? end : body;
  }

  function handOn(bytes: Uint8Array): void {
    if (bytes.length > 0) sink.message(bytes);
  }

  /** CR LF becomes LF. A CR waits for what follows it, also into the next piece. */
  function handOnCrLf(bytes: Uint8Array): void {
    const text = new Uint8Array(bytes.length + 1);
    let used = 0;
    for (const byte of bytes) {
      if (afterReturn && byte !== lineFeed) {
        text[used] = carriageReturn;
        used += 1;
      }
      afterReturn = byte === carriageReturn;
      if (afterReturn) continue;
      text[used] = byte;
      used += 1;
    }
    handOn(text.subarray(0, used));
  }

  function takeMessage(bytes: Uint8Array): void {
    if (inCrLf) handOnCrLf(bytes);
    else handOn(bytes);
    if (left > 0) return;
    if (afterReturn) handOn(Uint8Array.of(carriageReturn));
    afterReturn = false;
    place = 'message-comma';
  }

  function takeMark(byte: number): void {
    if (byte !== lineFeed && byte !== carriageReturn) {
      problem = 'malformed';
      return;
    }
    inCrLf = byte === carriageReturn;
    sink.begin(left);
    left -= 1;
    place = left === 0 ? 'message-comma' : 'message';
  }

  function takeAddress(bytes: Uint8Array, end: Place): void {
    if (address !== undefined) {
      address += textOf(bytes);
      if (address.includes('\0')) address = undefined;
    }
    if (left === 0) place = end;
  }

  /** As many bytes of a body as there are. Answers where they end. */
  function takeBody(bytes: Uint8Array, from: number): number {
    const end = Math.min(bytes.length, from + left);
    left -= end - from;
    const part = bytes.subarray(from, end);
    if (place === 'message') takeMessage(part);
    else takeAddress(part, place === 'sender' ? 'sender-comma' : 'recipient-comma');
    return end;
  }

  /** One byte that is no body's. Answers whether a request is whole. */
  function takeByte(byte: number): boolean {
    switch (place) {
      case 'message-length': {
        const whole = takeLength(byte, limits.messageBytesMax + 1, 'too-large');
        if (whole === undefined) return false;
        left = whole;
        if (whole === 0) problem = 'malformed';
        else place = 'message-mark';
        return false;
      }
      case 'message-mark':
        takeMark(byte);
        return false;
      case 'message-comma':
        takeComma(byte, 'sender-length');
        return false;
      case 'sender-length': {
        const whole = takeLength(byte, limits.recipientBytesMax, 'too-large');
        if (whole !== undefined) beginAddress(whole, 'sender', 'sender-comma');
        return false;
      }
      case 'sender-comma':
        takeComma(byte, 'recipients-length');
        if (problem === undefined) sink.sender(address);
        return false;
      case 'recipients-length': {
        const whole = takeLength(byte, limits.recipientBytesMax, 'too-large');
        if (whole === undefined) return false;
        recipientsLeft = whole;
        recipients = 0;
        place = whole === 0 ? 'recipients-comma' : 'recipient-length';
        return false;
      }
      case 'recipient-length': {
        recipientsLeft -= 1;
        // Its comma, too, must fit into what is left of the list.
        const whole = takeLength(byte, recipientsLeft - 2, 'malformed');
        if (whole === undefined) return false;
        recipientsLeft -= whole;
        beginAddress(whole, 'recipient', 'recipient-comma');
        return false;
      }
      case 'recipient-comma':
        recipientsLeft -= 1;
        recipients += 1;
        if (recipients > limits.recipientsMax) problem = 'too-large';
        else takeComma(byte, recipientsLeft === 0 ? 'recipients-comma' : 'recipient-length');
        if (problem === undefined) sink.recipient(address);
        return false;
      default:
        takeComma(byte, 'message-length');
        return problem === undefined;
    }
  }

  return {
    feed(bytes, from) {
      let index = from;
      while (index < bytes.length && problem === undefined) {
        if (left > 0 && (place === 'message' || place === 'sender' || place === 'recipient')) {
          index = takeBody(bytes, index);
          continue;
        }
        const isWhole = takeByte(bytes[index] ?? 0);
        index += 1;
        if (isWhole) return { state: 'complete', end: index };
      }
      return problem === undefined ? more : { state: 'failed', problem };
    },
    get between() {
      return place === 'message-length' && length === lengthEmpty;
    },
  };
}
