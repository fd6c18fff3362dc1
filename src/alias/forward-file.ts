/** Sendmail's .forward files (forward(5)), as dot-forward reads them: addresses (items.ts), programs, and oneself. */
import { type ByteString, lowerAscii, printable } from '../system/index.ts';
import { type Completion, completeAddress, writtenAddress } from './completion.ts';
import { type Item, readItems } from './items.ts';
import { aliasLimits } from './limits.ts';
import type { Line } from './lines.ts';
import { AliasProblem } from './problem.ts';

const { entriesMax } = aliasLimits;

export interface ForwardFile {
  /** Addresses and programs in the order in which they are met: line by line, each from right to left. */
  readonly steps: readonly ForwardStep[];
  /** Whether the file names its user, who then gets the message as if there were no file. */
  readonly direct: boolean;
}

export interface ForwardStep {
  readonly kind: 'address' | 'program';
  readonly text: ByteString;
}

/** Whose file it is: what stands for direct delivery. */
export interface ForwardOwner {
  readonly user: ByteString;
  readonly host: ByteString;
}

function stepOf(text: ByteString, hasHost: boolean, completion: Completion): ForwardStep {
  if (text.includes('\0')) throw new AliasProblem('Z', 'NUL not permitted');
  if (!hasHost && text.startsWith('/')) {
    throw new AliasProblem('Z', `file delivery ${printable(text)} not supported`);
  }
  if (!hasHost && text.startsWith('|')) return { kind: 'program', text: text.slice(1) };
  return { kind: 'address', text: completeAddress({ text, hasHost }, completion) };
}

export function readForwardFile(
  lines: Iterable<Line>,
  { user, host }: ForwardOwner,
  completion: Completion,
): ForwardFile {
  const self = lowerAscii(user);
  const selfAtHost = lowerAscii(`${user}@${host}`);
  const steps: ForwardStep[] = [];
  let direct = false;

  function take({ tokens }: Item): void {
    const { text, hasHost } = writtenAddress(tokens);
    if (text === '') return;
    if (lowerAscii(text) === (hasHost ? selfAtHost : self)) {
      direct = true;
      return;
    }
    if (steps.length >= entriesMax) throw new AliasProblem('Z', `more than ${entriesMax} addresses`);
    steps.push(stepOf(text, hasHost, completion));
  }

  for (const { text, ended } of lines) {
    if (text.startsWith('#')) continue;
    for (const item of readItems(ended ? `${text}\n` : text, { includes: false })) take(item);
  }
  return { steps, direct };
}
