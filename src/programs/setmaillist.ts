/** setmaillist: makes a binary list from lines (setmaillist(1)). */
import { aliasLimits, makeFromLines } from '../alias/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { aliasExit, withAliasProblems } from './alias-program.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'setmaillist',
  section: 1,
  purpose: 'make a binary list',
  synopsis: ['LIST TEMPORARY'],
  description: [
    'setmaillist reads lines from descriptor 0 and makes the binary LIST that fastforward reads. It writes TEMPORARY, which must be in the same file system, puts it on stable storage and gives it the name LIST: at every moment there is the old one or the new one, whole. What went wrong leaves the old one alone. LIST is readable by everybody.',
    'A line that begins with "/" or "." is the name of another binary list. A line that begins with "&", or with a letter or a digit, is an address; it must have its full domain name. Blanks at the end of a line, empty lines, and lines that begin with "#" do not count.',
  ],
  exitCodes: [
    ['0', 'LIST was made.'],
    ['100', 'setmaillist was called wrongly.'],
    ['111', 'A line is malformed or too long, the input could not be read, or LIST not be written.'],
  ],
  limits: [
    ['addressBytesMax', `${aliasLimits.addressBytesMax} bytes in an address.`],
    ['commandBytesMax', `${aliasLimits.commandBytesMax} bytes in a line.`],
  ],
  seeAlso: ['fastforward(1)', 'newinclude(1)', 'printmaillist(1)', 'setforward(1)'],
};

export const setmaillist: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const [path, temporary] = parsed.ok ? parsed.line.operands : [];
    if (!path || !temporary) {
      complain(system, 'setmaillist', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    return await withAliasProblems(system, 'setmaillist', () => {
      makeFromLines(system, { path, temporary });
      return aliasExit.done;
    });
  },
};
