/** predate: runs a program on a message with a Date field of the local time zone on top (predate(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { printable } from '../system/index.ts';
import { localDateField } from './local-date.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { runFilter } from './run-filter.ts';

const manual: Manual = {
  name: 'predate',
  section: 1,
  purpose: 'run a program on a message with a Date field',
  synopsis: ['PROGRAM [ARGUMENT ...]'],
  description: [
    'predate runs PROGRAM on the message on descriptor 0 with a Date field in front of it, which shows the time of now in the local time zone. Without it, qmail-inject and sendmail add a Date field in GMT.',
    'PROGRAM finds all of it on its descriptor 0, which is a file.',
  ],
  environment: [
    ['TZ', 'The time zone; that of the machine without it.'],
    ['PATH', 'Where PROGRAM is looked for, unless it has a slash.'],
  ],
  exitCodes: [
    ['0 to 255', 'PROGRAM exited with this code.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The message could not be read, PROGRAM could not be started, or a signal ended it.'],
  ],
  bugs: ['A Date field that the message has already is left where it is.'],
  seeAlso: ['datemail(1)', 'qmail-inject(8)'],
};

const exitUsage = 100;
const exitTemporary = 111;

export const predate: Program = {
  manual,
  run: async (system) => {
    const fail = (exitCode: number, text: string): number => {
      complain(system, 'predate', text);
      return exitCode;
    };
    if (system.args.length === 0) return fail(exitUsage, usage(manual));
    const ended = runFilter(system, localDateField(system), system.args);
    switch (ended.kind) {
      case 'exited':
        return ended.exitCode;
      case 'crashed':
        return fail(exitTemporary, 'fatal: child crashed');
      case 'not-run':
        return fail(exitTemporary, `fatal: ${printable(ended.problem)}`);
    }
  },
};
