/** What newinclude makes of an :include: file: the entries of a binary list (list.ts). */
import { type ByteString, printable } from '../system/index.ts';
import { type Completion, completeAddress, writtenAddress } from './completion.ts';
import { includeName } from './include-name.ts';
import { type Item, readItems } from './items.ts';
import { aliasLimits } from './limits.ts';
import type { Line } from './lines.ts';
import { AliasProblem } from './problem.ts';

const { addressBytesMax } = aliasLimits;

function refuse(reason: string): AliasProblem {
  return new AliasProblem('Z', reason);
}

function includeEntry(item: Item): ByteString {
  const name = includeName(item.tokens);
  if (name.includes('\n')) throw refuse('newlines not permitted in :include: filenames');
  return `${name}\0`;
}

function addressEntry(item: Item, completion: Completion): ByteString {
  const written = writtenAddress(item.tokens);
  if (written.text === '') return '';
  if (!written.hasHost && '/|'.includes(written.text.charAt(0))) {
    const kind = written.text.startsWith('/') ? 'file' : 'program';
    throw refuse(`${kind} delivery ${printable(written.text)} not supported`);
  }
  const address = completeAddress(written, completion);
  if (address.includes('\n')) throw refuse('newlines not permitted in recipient addresses');
  if (address.includes('\0')) throw refuse('NUL not permitted in recipient addresses');
  if (address.length > addressBytesMax) throw refuse(`addresses must be under ${addressBytesMax} bytes`);
  if (address.endsWith(' ') || address.endsWith('\t')) {
    throw refuse('spaces and tabs not permitted at ends of addresses');
  }
  return `&${address}\0`;
}

/** The entries of the lines of an :include: file. */
export function* includeEntries(
  lines: Iterable<Line>,
  completion: Completion,
): Generator<ByteString, undefined> {
  for (const { text, ended } of lines) {
    if (text.startsWith('#')) continue;
    for (const item of readItems(ended ? `${text}\n` : text, { includes: true })) {
      const entry = item.kind === 'include' ? includeEntry(item) : addressEntry(item, completion);
      if (entry !== '') yield entry;
    }
  }
}
