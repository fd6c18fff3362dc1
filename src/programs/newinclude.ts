/** newinclude: makes a binary list from an :include: file (newinclude(1)). */
import { aliasLimits, makeFromInclude, readCompletion } from '../alias/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { aliasExit, completionControls, homeVariable, withAliasProblems } from './alias-program.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'newinclude',
  section: 1,
  purpose: "make a binary list from sendmail's :include: file",
  synopsis: ['FILE'],
  description: [
    'newinclude reads FILE and makes the binary list FILE.bin, which fastforward reads in its place: FILE may be half written at the moment when a message comes, FILE.bin never is. It is written as FILE.tmp, put on stable storage, and then given its name. What went wrong leaves the old one alone. FILE.bin is readable by everybody.',
    'Each line of FILE holds addresses, parted by commas, by the syntax of message headers: comments in parentheses, names in front of angle brackets and quotes are understood. Addresses without a full domain name are completed. A line that begins with "#" is a comment.',
  ],
  environment: [
    ['QMAILDEFAULTDOMAIN, QMAILDEFAULTHOST, QMAILPLUSDOMAIN', 'Override the control files of these names.'],
    homeVariable,
  ],
  controls: completionControls,
  exitCodes: [
    ['0', 'FILE.bin was made.'],
    ['100', 'newinclude was called wrongly.'],
    ['111', 'FILE could not be read or understood, or FILE.bin not be written.'],
  ],
  limits: [
    ['addressBytesMax', `${aliasLimits.addressBytesMax} bytes in an address.`],
    ['commandBytesMax', `${aliasLimits.commandBytesMax} bytes in a line.`],
  ],
  bugs: [
    'Programs and mailboxes in FILE are refused: .qmail files can do that, as the user whose they are.',
    'An :include: in FILE names the binary list itself, with its .bin; in the alias file it does not.',
  ],
  seeAlso: ['fastforward(1)', 'newaliases(1)', 'printmaillist(1)', 'setmaillist(1)'],
};

export const newinclude: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const path = parsed.ok ? parsed.line.operands[0] : undefined;
    if (!path) {
      complain(system, 'newinclude', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    return await withAliasProblems(system, 'newinclude', () => {
      makeFromInclude(system, path, readCompletion(system, { environment: true }));
      return aliasExit.done;
    });
  },
};
