/** newaliases: what sendmail -bi does. Packages call it when they are installed, and it must not stop them. */
import type { Manual } from '../manual/index.ts';
import type { Program } from './program.ts';
import { sendmail } from './sendmail.ts';

const manual: Manual = {
  name: 'newaliases',
  section: 1,
  purpose: 'rebuild aliases',
  synopsis: ['[OPTION ...]'],
  description: [
    'newaliases says that there are no aliases to rebuild, and succeeds, as sendmail -bi does. It takes the options of sendmail.',
  ],
  exitCodes: [
    ['0', 'There was nothing to do.'],
    ['64', 'It was called wrongly.'],
  ],
  seeAlso: ['sendmail(1)'],
};

export const newaliases: Program = {
  manual,
  run: (system, wiring) => sendmail.run({ ...system, args: ['-bi', ...system.args] }, wiring),
};
