/**
 * The TRANSACTION state of POP3 (RFC 1939 5 and 7, CAPA of RFC 2449), and QUIT: one command to its answer. No input and no
 * output is here.
 */
import { type ByteString, bytesOf, errorCode } from '../../system/index.ts';
import { parseCommand, parseNumber } from './command.ts';
import type { Maildrop } from './maildrop.ts';
import { createWireEncoder } from './wire-encoder.ts';

export interface Transaction {
  /** Pieces of the answer, each good until the next is asked for. */
  answer(line: ByteString): Iterable<Uint8Array>;
  /** QUIT was said: nothing more is answered. */
  readonly ended: boolean;
  /** Commands so far that were none, or could not be carried out. */
  readonly errors: number;
}

/** What a client may rely on behind the login. */
const capabilities = ['TOP', 'USER', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'EXPIRE NEVER'];

/** Lines of a listing that go together. */
const listingBytes = 16_384;

const line = (text: string) => bytesOf(`${text}\r\n`);

/** Lines, and the one that ends them, in pieces of a fair size. */
function* listing(first: string, lines: Iterable<string>): Generator<Uint8Array> {
  let text = `${first}\r\n`;
  for (const one of lines) {
    text += `${one}\r\n`;
    if (text.length < listingBytes) continue;
    yield bytesOf(text);
    text = '';
  }
  yield bytesOf(`${text}.\r\n`);
}

export function createTransaction(maildrop: Maildrop): Transaction {
  const removed = new Set<number>();
  let lastSeen = 0;
  let ended = false;
  let errors = 0;

  function* present(): Generator<number> {
    for (let number = 0; number < maildrop.count; number += 1) if (!removed.has(number)) yield number;
  }

  const ok = (text = '') => [line(`+OK ${text}`)];

  function error(text: string): readonly Uint8Array[] {
    errors += 1;
    return [line(`-ERR ${text}`)];
  }

  /** The message that an argument names, from 0, or what is wrong with it. */
  function messageIn(argument: ByteString): number | readonly Uint8Array[] {
    const given = parseNumber(argument);
    if (given === undefined) return error('the number of a message is wanted');
    if (given === 0) return error('messages are counted from 1');
    if (given > maildrop.count) return error('there is no such message');
    if (removed.has(given - 1)) return error('that message is deleted');
    return given - 1;
  }

  function status(): readonly Uint8Array[] {
    let count = 0;
    let octets = 0;
    for (const number of present()) {
      count += 1;
      octets += maildrop.octets(number);
    }
    return ok(`${count} ${octets}`);
  }

  /** LIST and UIDL: of one message, or of all. */
  function list(argument: ByteString, tell: (number: number) => string): Iterable<Uint8Array> {
    const lineOf = (number: number) => `${number + 1} ${tell(number)}`;
    function* all(): Generator<string> {
      for (const number of present()) yield lineOf(number);
    }
    if (argument === '') return listing('+OK ', all());
    const message = messageIn(argument);
    return typeof message === 'number' ? ok(lineOf(message)) : message;
  }

  function* send(message: number, bodyLines?: number): Generator<Uint8Array> {
    const encoder = createWireEncoder(bodyLines);
    let begun = false;
    try {
      for (const piece of maildrop.read(message)) {
        if (!begun) yield line('+OK ');
        begun = true;
        yield encoder.feed(piece);
        if (encoder.full) break;
      }
    } catch (failure) {
      // What is on its way cannot be taken back: the client must not take the part for the whole.
      if (begun) throw failure;
      const isGone = errorCode(failure) === 'ENOENT';
      yield* error(isGone ? 'that message is there no more' : '[SYS/TEMP] that message cannot be read');
      return;
    }
    if (!begun) yield line('+OK ');
    yield encoder.end();
  }

  function retrieve(argument: ByteString): Iterable<Uint8Array> {
    const message = messageIn(argument);
    if (typeof message !== 'number') return message;
    lastSeen = Math.max(lastSeen, message + 1);
    return send(message);
  }

  /** Without a number of lines, or with none that is one, it is the whole message, as with qmail-pop3d. */
  function top(argument: ByteString): Iterable<Uint8Array> {
    const { keyword: number, argument: lines } = parseCommand(argument);
    const message = messageIn(number);
    return typeof message === 'number' ? send(message, parseNumber(lines)) : message;
  }

  function remove(argument: ByteString): readonly Uint8Array[] {
    const message = messageIn(argument);
    if (typeof message !== 'number') return message;
    lastSeen = Math.max(lastSeen, message + 1);
    removed.add(message);
    return ok();
  }

  function reset(): readonly Uint8Array[] {
    removed.clear();
    lastSeen = 0;
    return ok();
  }

  function quit(): readonly Uint8Array[] {
    ended = true;
    return maildrop.commit(removed) ? ok() : error('[SYS/TEMP] some messages could not be removed');
  }

  return {
    answer(text) {
      const { keyword, argument } = parseCommand(text);
      switch (keyword) {
        case 'stat':
          return status();
        case 'list':
          return list(argument, (number) => String(maildrop.octets(number)));
        case 'uidl':
          return list(argument, maildrop.uniqueId);
        case 'retr':
          return retrieve(argument);
        case 'top':
          return top(argument);
        case 'dele':
          return remove(argument);
        case 'rset':
          return reset();
        case 'last':
          return ok(String(lastSeen));
        case 'noop':
          return ok();
        case 'capa':
          return listing('+OK ', capabilities);
        case 'quit':
          return quit();
        default:
          return error('this is no command here');
      }
    },
    get ended() {
      return ended;
    },
    get errors() {
      return errors;
    },
  };
}
