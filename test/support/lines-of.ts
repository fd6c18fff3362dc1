/** The lines of a text, as a file with it gives them. */
import type { Line } from '../../src/alias/lines.ts';
import type { ByteString } from '../../src/system/index.ts';

export function linesOf(text: ByteString, separator: '\n' | '\0' = '\n'): readonly Line[] {
  const parts = text.split(separator);
  const rest = parts.pop() ?? '';
  const ended = parts.map((part): Line => ({ text: part, ended: true }));
  return rest === '' ? ended : [...ended, { text: rest, ended: false }];
}
