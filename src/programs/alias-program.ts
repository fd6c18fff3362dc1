/** What the programs around aliases share: where their addresses are completed from, and how they fail. */
import { AliasProblem } from '../alias/index.ts';
import type { Entry } from '../manual/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import { complain } from './print.ts';

export const aliasExit = { done: 0, handled: 99, permanent: 100, temporary: 111 } as const;

/** What -n shows of an address or a program: nothing that moves a terminal's cursor. */
export function shown(text: ByteString): ByteString {
  let result = '';
  for (const byte of text) result += byte < ' ' || byte > '\x7f' ? '_' : byte;
  return result;
}

const outputBytesMax = 65_536;

/** Writes texts to descriptor 1 as the bytes that they are. */
export function printBytes(system: System, texts: Iterable<ByteString>): void {
  let output = '';
  for (const text of texts) {
    output += text;
    if (output.length < outputBytesMax) continue;
    system.files.write(1, bytesOf(output));
    output = '';
  }
  system.files.write(1, bytesOf(output));
}

/** Runs `work` and turns what is wrong with a list or a message into an exit code. All else is a failure of the system. */
export async function withAliasProblems(
  system: System,
  program: string,
  work: () => number | Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AliasProblem)) throw error;
    if (error.message !== '') complain(system, program, `fatal: ${error.message}`);
    return error.verdict === 'D' ? aliasExit.permanent : aliasExit.temporary;
  }
}

export const completionControls: readonly Entry[] = [
  [
    'me',
    'The name of this host: the default of the files below. Without it that is the name me, which leads nowhere.',
  ],
  ['defaulthost', 'Put behind an address without a host.'],
  ['defaultdomain', 'Put behind a host name without dots.'],
  ['plusdomain', 'Put behind a host name that ends with a plus sign, which is removed.'],
];

export const homeVariable: Entry = ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'];

export const queueVariable: Entry = [
  'QMAILQUEUE',
  'A program that takes the message in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
];
