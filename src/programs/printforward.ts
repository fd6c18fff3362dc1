/** printforward: prints a forwarding database as the table that it can be made of again (printforward(1)). */
import { showDatabase } from '../alias/index.ts';
import type { Manual } from '../manual/index.ts';
import { aliasExit, printBytes, withAliasProblems } from './alias-program.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'printforward',
  section: 1,
  purpose: 'print a forwarding database',
  synopsis: ['<DATABASE'],
  description: [
    'printforward reads a forwarding database from descriptor 0 and prints its instructions in their order, in the form that setforward takes. Bytes that mean something to setforward, and bytes that are not ASCII, have a backslash in front.',
  ],
  exitCodes: [
    ['0', 'The database was printed.'],
    ['100', 'It is no forwarding database, or it is damaged.'],
    ['111', 'It could not be read, or the text not be written.'],
  ],
  limits: [['record', '16777216 bytes; a larger one is taken for damage']],
  seeAlso: ['fastforward(1)', 'newaliases(1)', 'printmaillist(1)', 'setforward(1)'],
};

export const printforward: Program = {
  manual,
  run: (system) =>
    withAliasProblems(system, 'printforward', () => {
      printBytes(system, showDatabase(system));
      return aliasExit.done;
    }),
};
