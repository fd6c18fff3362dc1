/** Tests that the native satellite leaves out, each with its reason. A structural test holds the list to the tests. */
import { relative } from 'node:path';
import { top } from './sources.ts';

export interface BodyException {
  /** The tests' file, from the top of the tree. */
  readonly file: string;
  /** The name of the one that is left out; without it, the whole file. */
  readonly test?: string;
  readonly reason: string;
}

export const bodyExceptions: readonly BodyException[] = [
  {
    file: 'test/programs/datemail.test.ts',
    reason: 'the native executable does not have it: its engine knows no zone but its own',
  },
  {
    file: 'test/programs/predate.test.ts',
    reason: 'the native executable does not have it: its engine knows no zone but its own',
  },
  {
    file: 'test/programs/maildirwatch.test.ts',
    reason: 'it runs sleep as $PATH has it, and the native host runs nothing that is not named by its path',
  },
];

/** Why a test of the file that this process runs is left out; undefined when it is not. */
export function exceptionOf(name: string): string | undefined {
  const running = relative(top, process.argv[1] ?? '');
  const found = bodyExceptions.find(({ file, test = name }) => file === running && test === name);
  return found?.reason;
}
