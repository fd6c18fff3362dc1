/**
 * Tables of forwarding instructions, as setforward reads them:
 *
 *     table        = *instruction
 *     instruction  = target ":" [ command ] *( "," [ command ] ) ";"
 *     target       = user@host / "@" host / user "@"
 *     command      = [ "&" ] address / "?" owner / "/" list / "./" list / "|" program / "!" program
 *
 * Blanks and line ends do not count, and "#" begins a comment to the end of its line. A backslash takes the byte
 * behind it for itself.
 */
import { type ByteString, lowerAscii } from '../system/index.ts';
import type { ForwardingRecord } from './aliases.ts';
import { aliasLimits } from './limits.ts';
import { AliasProblem } from './problem.ts';

const { addressBytesMax, commandBytesMax, instructionBytesMax } = aliasLimits;

/** A table that is wrong stays wrong. */
function wrong(reason: string): AliasProblem {
  return new AliasProblem('D', reason);
}

/** A command as the database holds it, with its NUL. */
function commandData(command: ByteString): ByteString {
  if ('|!./'.includes(command.charAt(0))) return `${command}\0`;
  if (command.length > addressBytesMax) {
    throw wrong(`addresses over ${addressBytesMax} bytes are not permitted`);
  }
  return command.startsWith('&') ? `${command}\0` : `&${command}\0`;
}

export interface TableParser {
  /** The next piece, of any size. */
  feed(text: ByteString): void;
  /** The end of the table. */
  finish(): void;
}

/** Calls `add` with each record as soon as it is complete. */
export function createTableParser(add: (record: ForwardingRecord) => void): TableParser {
  let target = '';
  /** Undefined while the target is read. */
  let command: ByteString | undefined;
  let data = '';
  let inComment = false;
  let escaped = false;

  function endCommand(): void {
    if (command === undefined) throw wrong('commas are not permitted before colons');
    if (command.startsWith('?')) add([lowerAscii(`?${target}`), command.slice(1)]);
    else if (command !== '') data += commandData(command);
    if (data.length > instructionBytesMax) {
      throw wrong(`one target has more than ${instructionBytesMax} bytes of commands`);
    }
    command = '';
  }
  function endInstruction(): void {
    endCommand();
    if (data !== '') add([lowerAscii(`:${target}`), data]);
    target = '';
    command = undefined;
    data = '';
  }
  function takeByte(byte: ByteString): void {
    if (byte === '\0') throw wrong('NUL bytes are not permitted');
    if (command === undefined) target += byte;
    else command += byte;
    if ((command ?? target).length > commandBytesMax) {
      throw wrong(`a target or a command has more than ${commandBytesMax} bytes`);
    }
  }
  function take(byte: ByteString): void {
    switch (byte) {
      case '#':
        inComment = true;
        break;
      case ' ':
      case '\n':
      case '\t':
        break;
      case ':':
        if (command !== undefined) throw wrong('double colons are not permitted');
        command = '';
        break;
      case ',':
        endCommand();
        break;
      case ';':
        endInstruction();
        break;
      case '\\':
        escaped = true;
        break;
      default:
        takeByte(byte);
    }
  }

  return {
    feed(text) {
      for (const byte of text) {
        if (inComment) {
          inComment = byte !== '\n';
        } else if (escaped) {
          escaped = false;
          takeByte(byte);
        } else {
          take(byte);
        }
      }
    },
    finish() {
      if (command !== undefined || target !== '') throw wrong('final instruction must end with semicolon');
    },
  };
}
