/** newaliases of a hub: makes the database that fastforward reads from sendmail's alias file (newaliases(1)). */
import { aliasLimits, makeFromAliases, readCompletion } from '../alias/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { aliasExit, completionControls, homeVariable, withAliasProblems } from './alias-program.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const aliasFile = '/etc/aliases';

const manual: Manual = {
  name: 'newaliases',
  section: 1,
  purpose: "make a forwarding database from sendmail's alias file",
  synopsis: ['[FILE]'],
  description: [
    `newaliases reads FILE, without one ${aliasFile}, and makes the database FILE.cdb, which fastforward reads. It is written as FILE.tmp, put on stable storage, and then given its name: at every moment there is the old one or the new one, whole. What went wrong leaves the old one alone. FILE.cdb is readable by everybody. qmail-newaliases is another name of the same program.`,
    'An entry is an alias, a colon, and recipients with commas between them: root: ann, bob@example.org. It goes on over lines that begin with a blank, and over empty lines. A line that begins with "#" is a comment, with the lines that go on from it. An alias is user for a user at every host, user@host for one host, or @host for all users of a host; case does not count. The first entry for an alias counts.',
    'Addresses have the syntax of message headers: comments in parentheses, names in front of angle brackets and quotes are understood. Recipients without a full domain name are completed.',
    'A recipient without a host that begins with "|" is a program, mostly in quotes: "|vacation ann". It gets the From_, Return-Path and Delivered-To lines and the message. A recipient :include:NAME is the list in NAME: newinclude makes NAME.bin of it, and fastforward reads that one. If there is an alias owner-LIST, bounces of what is sent through LIST go there.',
    'On a satellite newaliases has nothing to do, says so, and succeeds.',
  ],
  environment: [homeVariable],
  controls: completionControls,
  exitCodes: [
    ['0', 'FILE.cdb was made.'],
    ['100', 'An address is too long, or newaliases was called wrongly.'],
    ['111', 'FILE could not be read or understood, or FILE.cdb not be written.'],
  ],
  limits: [
    ['addressBytesMax', `${aliasLimits.addressBytesMax} bytes in an address.`],
    ['aliasBytesMax', `${aliasLimits.aliasBytesMax} bytes in an entry.`],
  ],
  bugs: [
    'Mailboxes (/path) are refused: .qmail files can do that, as the user whose they are.',
    'A last line without a newline is left out, with a warning.',
    'Entries for the same alias are no error: all but the first are without effect.',
  ],
  seeAlso: ['fastforward(1)', 'newinclude(1)', 'printforward(1)', 'setforward(1)', 'sendmail(1)'],
};

export const qmailNewaliases: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 1) {
      complain(system, 'newaliases', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    const path = parsed.line.operands[0] ?? aliasFile;
    return await withAliasProblems(system, 'newaliases', () => {
      makeFromAliases(system, path, {
        completion: readCompletion(system, { environment: false }),
        warn: (text) => complain(system, 'newaliases', `warning: ${path}: ${text}`),
      });
      return aliasExit.done;
    });
  },
};
