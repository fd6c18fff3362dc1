/**
 * What belongs to a target in a forwarding database, and what a binary list holds:
 *
 *     data     = *( command NUL )
 *     command  = "&" address / "/" list / "./" list / "|" program / "!" program
 */
import type { ByteString } from '../system/index.ts';

/** An address of fastforward's with its "&" stays below this. */
export const addressCommandBytesEnd = 900;

export interface Command {
  readonly text: ByteString;
  readonly kind: 'address' | 'list' | 'program' | 'unknown';
  /** Whether it is of a known kind, and an address no longer than one may be. */
  readonly isWellFormed: boolean;
}

const kinds: Readonly<Record<string, Command['kind']>> = {
  '&': 'address',
  '.': 'list',
  '/': 'list',
  '|': 'program',
  '!': 'program',
};

export function commandOf(text: ByteString): Command {
  const kind = kinds[text.charAt(0)] ?? 'unknown';
  const tooLong = kind === 'address' && text.length >= addressCommandBytesEnd;
  return { text, kind, isWellFormed: kind !== 'unknown' && !tooLong };
}

/** The commands, and what stands behind the last NUL and should not be there. */
export function commandsOf(data: ByteString): {
  readonly commands: readonly Command[];
  readonly rest: ByteString;
} {
  const parts = data.split('\0');
  const rest = parts.pop() ?? '';
  return { commands: parts.map(commandOf), rest };
}
