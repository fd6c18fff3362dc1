/**
 * The lines of a .qmail file or of the default delivery (dot-qmail(5)):
 *
 *     delivery = line *( LF line ) [ LF ]
 *     line     = "#" comment / ( "." / "/" ) path / "|" command / "+" word / [ "&" ] address / blank
 *
 * Blanks at the end of a line do not count, nor does what follows a NUL. A path that ends with "/" is a Maildir, any
 * other an mbox. "+list" allows nothing but forwards from there on; other words after "+" mean nothing. A blank first
 * line is a mistake.
 */
import type { Answer, ByteString } from '../system/index.ts';
import { deferral } from './report.ts';

export type Instruction =
  | { readonly kind: 'maildir'; readonly path: ByteString }
  | { readonly kind: 'mbox'; readonly path: ByteString }
  | { readonly kind: 'program'; readonly command: ByteString }
  | { readonly kind: 'forward'; readonly address: ByteString };

export type ParsedInstructions =
  | { readonly ok: true; readonly list: readonly Instruction[] }
  /** `list`: what comes before the mistake. */
  | { readonly ok: false; readonly answer: Answer; readonly list: readonly Instruction[] };

/** A line without what does not count: no argument and no path can hold a NUL. */
function trimTrailing(line: ByteString): ByteString {
  const nul = line.indexOf('\0');
  let end = nul < 0 ? line.length : nul;
  while (end > 0 && (line.charAt(end - 1) === ' ' || line.charAt(end - 1) === '\t')) end -= 1;
  return line.slice(0, end);
}

/** What a line that is neither blank nor a comment nor a "+" asks for. */
function instructionOf(line: ByteString): Instruction {
  switch (line.charAt(0)) {
    case '.':
    case '/':
      return { kind: line.endsWith('/') ? 'maildir' : 'mbox', path: line };
    case '|':
      return { kind: 'program', command: line.slice(1) };
    case '&':
      return { kind: 'forward', address: line.slice(1) };
    default:
      return { kind: 'forward', address: line };
  }
}

/**
 * All or nothing: a mistake in the last line must not let the first be carried out again at every attempt.
 * `forwardOnly` is what an x bit on the file asks for.
 */
export function parseInstructions(text: ByteString, forwardOnly = false): ParsedInstructions {
  const list: Instruction[] = [];
  let onlyForwards = forwardOnly;
  const lines = text.split('\n').map(trimTrailing);
  if (lines[0] === '')
    return { ok: false, answer: deferral('Uh-oh: the first line is blank. (#4.2.1)'), list };
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('+')) {
      if (line === '+list') onlyForwards = true;
      continue;
    }
    const instruction = instructionOf(line);
    if (onlyForwards && instruction.kind !== 'forward') {
      const text = 'Uh-oh: +list or an x bit allows only forwards, and there is something else. (#4.7.0)';
      return { ok: false, answer: deferral(text), list };
    }
    list.push(instruction);
  }
  return { ok: true, list };
}
