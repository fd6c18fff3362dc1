/**
 * Alias files (aliases(5)), as newaliases of fastforward reads them:
 *
 *     file     = *( entry / "#" any )            each on a line; a line that begins with a blank, and an empty
 *                                                line, continue the one before
 *     entry    = target [ ":" ] 1*( recipient )
 *     target   = user / user@host / @host
 *
 * The first address of an entry is its target. What comes out are records of a forwarding database (forwarding.ts).
 */
import { type ByteString, lowerAscii } from '../system/index.ts';
import { type Completion, completeDomain, type WrittenAddress, writtenAddress } from './completion.ts';
import { includeName } from './include-name.ts';
import { type Item, parseProblem, readItems } from './items.ts';
import { aliasLimits } from './limits.ts';
import type { Line } from './lines.ts';
import { AliasProblem } from './problem.ts';

/** A key and its data (forwarding.ts). */
export type ForwardingRecord = readonly [key: ByteString, data: ByteString];

/** What the name of a list's owner begins with. */
const ownerPrefix = 'owner-';

const { addressBytesMax, aliasBytesMax } = aliasLimits;

interface Address {
  /** As a target: a user without a host means every host. */
  readonly target: ByteString;
  /** As a recipient. */
  readonly full: ByteString;
}

function addressOf({ text, hasHost }: WrittenAddress, completion: Completion): Address {
  const target = hasHost ? text : `${text}@`;
  const full = completeDomain(target.endsWith('@') ? target + completion.host : target, completion);
  if (full.length > addressBytesMax) {
    throw new AliasProblem('D', `addresses over ${addressBytesMax} bytes are not permitted`);
  }
  if (full.includes('\0')) throw new AliasProblem('Z', 'NUL not permitted in recipient addresses');
  return { target, full };
}

/** A program gets the lines that qmail-local has for it in front of the message: that is "!". */
function programOf(command: ByteString): ByteString {
  if (command.includes('\0')) throw new AliasProblem('Z', 'NUL not permitted in program names');
  return `!${command}`;
}

/** The records of one entry; an entry of comments alone has none. */
function entryRecords(entry: ByteString, completion: Completion): readonly ForwardingRecord[] {
  let data = '';
  let first: Address | undefined;

  function takeAddress(written: WrittenAddress): void {
    const { text, hasHost } = written;
    if (text === '') throw new AliasProblem('Z', 'empty recipient addresses not permitted');
    if (!hasHost && text.startsWith('/')) {
      throw new AliasProblem('Z', `file delivery ${text} not supported`);
    }
    if (!hasHost && text.startsWith('|')) {
      data += `${programOf(text.slice(1))}\0`;
      return;
    }
    if (first !== undefined) data += `&${first.full}\0`;
    first = addressOf(written, completion);
  }
  function take({ kind, tokens }: Item): void {
    if (kind === 'include') data += `${includeName(tokens)}.bin\0`;
    else takeAddress(writtenAddress(tokens));
  }

  for (const item of readItems(entry, { includes: true })) take(item);
  const target = (first as Address | undefined)?.target;
  if (target === undefined && data === '') return [];
  if (target === undefined || data === '') throw parseProblem(entry);
  const records: ForwardingRecord[] = [];
  if (target.startsWith(ownerPrefix)) {
    const list = target.slice(ownerPrefix.length);
    records.push([lowerAscii(`?${list}`), (first as Address | undefined)?.full ?? '']);
  }
  records.push([lowerAscii(`:${target}`), data]);
  return records;
}

export interface AliasSource {
  readonly lines: Iterable<Line>;
  readonly completion: Completion;
  /** Called with what is left out and might be missed. */
  warn(text: string): void;
}

/** The entries of a file, with the line ends inside them, and without its comments. */
function* entries({ lines, warn }: AliasSource): Generator<ByteString, undefined> {
  let entry = '';
  for (const { text, ended } of lines) {
    if (!ended) {
      // fastforward's newaliases leaves it out as well, and a database is the same whoever has made it.
      if (!text.startsWith('#')) warn('the last line has no newline at its end: it is left out');
      break;
    }
    if (text === '') continue;
    if (text.startsWith(' ') || text.startsWith('\t')) {
      entry += `${text}\n`;
      if (entry.length > aliasBytesMax) {
        throw new AliasProblem('Z', `an entry has more than ${aliasBytesMax} bytes`);
      }
      continue;
    }
    if (entry !== '' && !entry.startsWith('#')) yield entry;
    entry = `${text}\n`;
  }
  if (entry !== '' && !entry.startsWith('#')) yield entry;
}

/** The records of an alias file, in the order in which newaliases writes them. */
export function* aliasRecords(source: AliasSource): Generator<ForwardingRecord, undefined> {
  for (const entry of entries(source)) yield* entryRecords(entry, source.completion);
}
