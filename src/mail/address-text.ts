/** Tokens of an address back to text, as an envelope carries it. */
import type { ByteString } from '../system/index.ts';
import type { Token } from './token.ts';

/** An address without quotes, backslashes and comments: box@host in raw bytes. */
export function addressText(tokens: readonly Token[]): ByteString {
  let text = '';
  for (const { kind, text: said } of tokens) {
    if (kind === 'literal') text += `[${said}]`;
    else if (kind !== 'comment') text += said;
  }
  return text;
}
