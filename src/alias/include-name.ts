/** The binary list that stands for an :include: file. fastforward reads that one, never the file itself. */
import { addressText, type Token } from '../mail/index.ts';
import type { ByteString } from '../system/index.ts';
import { AliasProblem } from './problem.ts';

/** The file's name; a relative one begins with "./", so that it is told from an address. */
export function includeName(tokens: readonly Token[]): ByteString {
  const name = addressText(tokens);
  if (name === '') throw new AliasProblem('Z', 'empty :include: filenames not permitted');
  if (name.includes('\0')) throw new AliasProblem('Z', 'NUL not permitted in :include: filenames');
  return name.startsWith('.') || name.startsWith('/') ? name : `./${name}`;
}
