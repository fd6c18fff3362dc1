/** except: turns a program's answer around (except(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { askProgram } from './condition.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'except',
  section: 1,
  purpose: "turn a program's answer around",
  synopsis: ['PROGRAM [ARGUMENT ...]'],
  description: [
    'except runs PROGRAM, which finds the message on its descriptor 0, and exits with 100 when PROGRAM exits with 0, and with 0 when PROGRAM exits with anything else but 111. It stands before a program that condredirect or bouncesaying asks: "|bouncesaying TEXT except PROGRAM" bounces what PROGRAM does not accept.',
  ],
  environment: [['PATH', 'Where PROGRAM is looked for, unless it has a slash.']],
  exitCodes: [
    ['0', 'PROGRAM exited with anything but 0 and 111, or there is no such program.'],
    ['100', 'PROGRAM exited with 0, or except was called wrongly.'],
    ['111', 'PROGRAM exited with 111, or was ended by a signal.'],
  ],
  seeAlso: ['bouncesaying(1)', 'condredirect(1)', 'qmail-local(8)'],
};

const exitUsage = 100;

export const except: Program = {
  manual,
  run: async (system) => {
    if (system.args.length === 0) {
      complain(system, 'except', usage(manual));
      return exitUsage;
    }
    switch (askProgram(system, 'except', system.args)) {
      case 'holds':
        return 100;
      case 'fails':
        return 0;
      case 'unknown':
        return 111;
    }
  },
};
