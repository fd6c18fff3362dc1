/** setforward: makes a forwarding database from a table (setforward(1)). */
import { aliasLimits, makeFromTable } from '../alias/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { aliasExit, withAliasProblems } from './alias-program.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'setforward',
  section: 1,
  purpose: 'make a forwarding database',
  synopsis: ['DATABASE TEMPORARY'],
  description: [
    'setforward reads a table of forwarding instructions from descriptor 0 and makes the DATABASE that fastforward reads. It writes TEMPORARY, which must be in the same file system, puts it on stable storage and gives it the name DATABASE: at every moment there is the old one or the new one, whole. What went wrong leaves the old one alone.',
    'An instruction is a target, a colon, commands with commas between them, and a semicolon: boss@example.com: ann@example.org, bob@example.org; A target is user@host, @host for all users of a host, or user@ for a user at all hosts; case does not count. The first instruction for a target counts.',
    'A command that begins with "&", or with a letter or a digit, is an address; it must have its full domain name. "?" begins the address that gets the bounces (the owner of the target). "/" and "." begin the name of a binary list, which setmaillist or newinclude makes. "|" begins a program, and "!" one that gets the From_, Return-Path and Delivered-To lines in front of the message.',
    'Blanks and line ends do not count, and "#" begins a comment to the end of its line; a backslash before a byte takes it as it is.',
  ],
  exitCodes: [
    ['0', 'DATABASE was made.'],
    ['100', 'The table is malformed, or setforward was called wrongly.'],
    ['111', 'The table could not be read, or DATABASE not be written.'],
  ],
  limits: [
    ['addressBytesMax', `${aliasLimits.addressBytesMax} bytes in an address.`],
    ['commandBytesMax', `${aliasLimits.commandBytesMax} bytes in a target, and in a command.`],
    ['instructionBytesMax', `${aliasLimits.instructionBytesMax} bytes in all commands of a target.`],
  ],
  seeAlso: ['fastforward(1)', 'printforward(1)', 'newaliases(1)', 'setmaillist(1)'],
};

export const setforward: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const [path, temporary] = parsed.ok ? parsed.line.operands : [];
    if (!path || !temporary) {
      complain(system, 'setforward', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    return await withAliasProblems(system, 'setforward', () => {
      makeFromTable(system, { path, temporary });
      return aliasExit.done;
    });
  },
};
