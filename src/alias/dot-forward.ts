/** dot-forward: does with the message on descriptor 0 what a .forward file says (forward-file.ts). */
import type { Queue } from '../submit/index.ts';
import { type ByteString, type Descriptor, errorCode, type System } from '../system/index.ts';
import { carryOut } from './carry-out.ts';
import { readCompletion } from './completion.ts';
import { type ForwardFile, readForwardFile } from './forward-file.ts';
import { aliasLimits } from './limits.ts';
import { readLines } from './lines.ts';
import { openSource } from './open-source.ts';

function openIfThere(path: ByteString): Descriptor | undefined {
  try {
    return openSource(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What the file says; undefined when there is none. */
export function lookUpForwardFile(system: System, path: ByteString): ForwardFile | undefined {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return undefined;
  try {
    const lineBytesMax = aliasLimits.commandBytesMax;
    const lines = readLines(system, { descriptor, name: path, separator: '\n', lineBytesMax });
    const owner = { user: system.env('USER') ?? '', host: system.env('HOST') ?? '' };
    return readForwardFile(lines, owner, readCompletion(system, { environment: false }));
  } finally {
    system.files.close(descriptor);
  }
}

/** Does it. Answers what the queue said, undefined when there was nobody to forward to. */
export function followForwardFile(
  system: System,
  queue: Queue,
  { steps }: ForwardFile,
): Promise<ByteString | undefined> {
  const texts = (wanted: 'address' | 'program') =>
    steps.filter(({ kind }) => kind === wanted).map(({ text }) => text);
  const line = (name: string) => system.env(name) ?? '';
  const head = line('UFLINE') + line('RPLINE') + line('DTLINE');
  return carryOut(system, queue, {
    programs: texts('program').map((command) => ({ command, head })),
    sender: line('NEWSENDER'),
    recipients: texts('address'),
    head: line('DTLINE'),
  });
}
