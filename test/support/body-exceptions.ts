/** Tests that the native satellite leaves out, each with its reason. A structural test holds the list to the tests. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';
import { top } from './top.ts';

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

const framesMax = 100;

/** The file of tests that calls, from the top of the tree: a process may run many of them. */
function callingFile(): string | undefined {
  const caller = getCallSites(framesMax).find(({ scriptName }) => scriptName.endsWith('.test.ts'));
  return caller && relative(top, fileURLToPath(caller.scriptName));
}

/** Why a test of the file that calls is left out; undefined when it is not. */
export function exceptionOf(name: string): string | undefined {
  const running = callingFile();
  const found = bodyExceptions.find(({ file, test = name }) => file === running && test === name);
  return found?.reason;
}
