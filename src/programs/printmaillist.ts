/** printmaillist: prints a binary list as the lines that it can be made of again (printmaillist(1)). */
import { aliasLimits, showList } from '../alias/index.ts';
import type { Manual } from '../manual/index.ts';
import { aliasExit, printBytes, withAliasProblems } from './alias-program.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'printmaillist',
  section: 1,
  purpose: 'print a binary list',
  synopsis: ['<LIST'],
  description: [
    'printmaillist reads a binary list from descriptor 0 and prints its entries, each on a line, in the form that setmaillist takes.',
  ],
  exitCodes: [
    ['0', 'The list was printed.'],
    ['100', 'It is no binary list, or it is damaged.'],
    ['111', 'It could not be read, or the text not be written.'],
  ],
  limits: [
    [
      'commandBytesMax',
      `${aliasLimits.commandBytesMax} bytes in an entry; a larger one is not printed (111).`,
    ],
  ],
  seeAlso: ['fastforward(1)', 'newinclude(1)', 'printforward(1)', 'setmaillist(1)'],
};

export const printmaillist: Program = {
  manual,
  run: (system) =>
    withAliasProblems(system, 'printmaillist', () => {
      printBytes(system, showList(system));
      return aliasExit.done;
    }),
};
