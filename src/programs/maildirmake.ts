/** maildirmake: a mailbox in which every message is a file of its own (maildir(5)). */
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { errorText } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'maildirmake',
  section: 1,
  purpose: 'make a Maildir',
  synopsis: ['DIRECTORY'],
  description: [
    'maildirmake makes DIRECTORY and in it tmp, new and cur, readable by their owner only. A message is written under tmp, moved to new when it is whole, and moved to cur by the mail reader that has seen it.',
  ],
  exitCodes: [
    ['0', 'DIRECTORY and its three subdirectories were made.'],
    ['100', 'It was called wrongly.'],
    ['111', 'One of the directories could not be made; those before it stay.'],
  ],
};

export const maildirmake: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const directory = parsed.ok ? parsed.line.operands[0] : undefined;
    if (!parsed.ok || !directory || parsed.line.operands.length > 1) {
      complain(system, 'maildirmake', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    for (const path of [directory, `${directory}/tmp`, `${directory}/new`, `${directory}/cur`]) {
      try {
        system.files.makeDirectory(path, 0o700);
      } catch (error) {
        complain(system, 'maildirmake', `fatal: unable to make ${path}: ${errorText(error)}`);
        return 111;
      }
    }
    return 0;
  },
};
