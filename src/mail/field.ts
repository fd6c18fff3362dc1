/** Header fields: what is one, what it is called, and the addresses in it. */

import { type ByteString, lowerAscii } from '../system/index.ts';
import { type RewriteAddress, rewriteList } from './address-list.ts';
import { tokenise } from './token.ts';
import { unparse } from './unparse.ts';

function nameEnd(line: ByteString): number {
  let end = line.indexOf(':');
  while (end > 0 && ' \t'.includes(line.charAt(end - 1))) end -= 1;
  return end;
}

/**
 *     field = 1*( %d33-57 / %d59-126 ) *( SP / HTAB ) ":" any
 */
export function isField(line: ByteString): boolean {
  const end = nameEnd(line);
  if (end <= 0) return false;
  for (let index = 0; index < end; index += 1) {
    const code = line.charCodeAt(index);
    if (code <= 32 || code >= 127) return false;
  }
  return true;
}

/** The name of a field, in lower case. */
export function fieldName(field: ByteString): ByteString {
  return lowerAscii(field.slice(0, nameEnd(field)));
}

/** A field with every address in it rewritten, the last one first; undefined when it cannot be parsed. */
export function rewriteField(field: ByteString, rewrite: RewriteAddress): ByteString | undefined {
  const tokens = tokenise(field);
  const list = tokens && rewriteList(tokens.slice(2), rewrite);
  return tokens && list && unparse(tokens.slice(0, 2).concat(list));
}
