/**
 * Where a message's header ends and its body begins (headerbody.c of qmail):
 *
 *     message  = *( field / mbox ) [ body ]
 *     field    = name ":" text LF *( ( SP / HTAB ) text LF )
 *     mbox     = "From " text LF *( ( SP / HTAB ) text LF )      ; becomes a field named MBOX-Line
 *     body     = LF any / any                                    ; without its LF it gets one
 *
 * Pure and incremental: the caller brings bytes in pieces of any size, and streams the body by itself.
 */
import { type ByteString, bytesOf, concatBytes, textOf } from '../system/index.ts';
import { isField } from './field.ts';

export interface HeaderLimits {
  /** Bytes of all fields together. */
  readonly headerBytesMax: number;
  /** Bytes of one field with its continuation lines. */
  readonly fieldBytesMax: number;
}

export type HeaderState =
  | { readonly state: 'more' }
  | {
      readonly state: 'complete';
      /** Each with its newline. */
      readonly fields: readonly ByteString[];
      /** The first bytes of the body, as far as they have been read. */
      readonly body: Uint8Array;
    }
  | { readonly state: 'too-large'; readonly limit: keyof HeaderLimits };

export interface HeaderReader {
  /** Takes the next bytes. Once the state is no longer `more` it does not change. */
  feed(bytes: Uint8Array): HeaderState;
  /** The input has ended. A last line without a newline gets one. */
  end(): HeaderState;
}

const lineFeed = 10;

const mboxStart = 'From ';

export function createHeaderReader(limits: HeaderLimits): HeaderReader {
  const fields: ByteString[] = [];
  let headerBytes = 0;
  /** The field that may still be continued, and the line that has not ended yet. */
  let field: ByteString | undefined;
  let line = '';
  let result: HeaderState = { state: 'more' };

  function endField(): void {
    if (field !== undefined) fields.push(field);
    field = undefined;
  }

  function complete(body: ByteString): void {
    endField();
    result = { state: 'complete', fields, body: bytesOf(body) };
  }

  function beginField(text: ByteString): void {
    endField();
    field = text;
    headerBytes += text.length;
  }

  function takeLine(text: ByteString): void {
    if (field !== undefined && (text.startsWith(' ') || text.startsWith('\t'))) {
      field += text;
      headerBytes += text.length;
    } else if (text === '\n') {
      complete(text);
    } else if (text.startsWith(mboxStart)) {
      beginField(`MBOX-Line: ${text}`);
    } else if (isField(text)) {
      beginField(text);
    } else {
      complete(`\n${text}`);
    }
    if (headerBytes > limits.headerBytesMax) result = { state: 'too-large', limit: 'headerBytesMax' };
  }

  /** A line that has not ended may be the body's, however long it is; a field may not. */
  function checkLine(): void {
    const continues = field !== undefined && (line.startsWith(' ') || line.startsWith('\t'));
    if (line.length + (continues ? (field?.length ?? 0) : 0) <= limits.fieldBytesMax) return;
    if (continues || line.startsWith(mboxStart) || isField(line)) {
      result = { state: 'too-large', limit: 'fieldBytesMax' };
    } else {
      complete(`\n${line}`);
    }
  }

  const waiting = () => result.state === 'more';

  /** What follows the end of the header in the same piece. */
  function appendBody(rest: Uint8Array): void {
    if (result.state === 'complete') result = { ...result, body: concatBytes([result.body, rest]) };
  }

  return {
    feed(bytes) {
      if (!waiting()) return result;
      let index = 0;
      while (waiting() && index < bytes.length) {
        const found = bytes.indexOf(lineFeed, index);
        const end = found < 0 ? bytes.length : found + 1;
        line += textOf(bytes, index, end);
        index = end;
        checkLine();
        if (waiting() && found >= 0) {
          takeLine(line);
          line = '';
        }
      }
      appendBody(bytes.subarray(index));
      return result;
    },
    end() {
      if (waiting() && line !== '') takeLine(`${line}\n`);
      if (waiting()) complete('');
      return result;
    },
  };
}
