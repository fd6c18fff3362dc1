/** Tests that the native satellite leaves out, each with its reason. A structural test holds the list to the tests. */
import { relative } from 'node:path';
import { top } from './sources.ts';

export interface BodyException {
  /** The tests' file, from the top of the tree. */
  readonly file: string;
  /** The name of the one that is left out, also that of a case of vectors; without it, the whole file. */
  readonly test?: string;
  readonly reason: string;
}

const byPathAlone = 'the native host runs a program that is named by its path, and looks for none in $PATH';

export const bodyExceptions: readonly BodyException[] = [
  { file: 'test/programs/predate.test.ts', reason: byPathAlone },
  { file: 'test/programs/tools-vectors.test.ts', test: 'predate-cat', reason: byPathAlone },
  { file: 'test/programs/tools-vectors.test.ts', test: 'predate-exit3', reason: byPathAlone },
  {
    file: 'test/programs/maildirwatch.test.ts',
    test: 'the messages are shown again and again, as long as it can wait',
    reason: byPathAlone,
  },
  {
    file: 'test/programs/maildirwatch.test.ts',
    test: 'without a Maildir, or without sleep',
    reason: byPathAlone,
  },
];

/** Why a test of the file that this process runs is left out; undefined when it is not. */
export function exceptionOf(name: string): string | undefined {
  const running = relative(top, process.argv[1] ?? '');
  const found = bodyExceptions.find(({ file, test = name }) => file === running && test === name);
  return found?.reason;
}
