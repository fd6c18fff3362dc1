/** bouncesaying: bounces a message with a text, always or when a program says so (bouncesaying(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { bytesOf } from '../system/index.ts';
import { askProgram } from './condition.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'bouncesaying',
  section: 1,
  purpose: 'bounce a message with a text',
  synopsis: ['TEXT [PROGRAM [ARGUMENT ...]]'],
  description: [
    'bouncesaying is for .qmail files. It runs PROGRAM, which finds the message on its descriptor 0. When PROGRAM exits with 0, or when none is named, bouncesaying writes TEXT to descriptor 2 and exits with 100, so that the message is bounced with TEXT in the bounce. When PROGRAM exits with another code, bouncesaying does nothing.',
  ],
  environment: [['PATH', 'Where PROGRAM is looked for, unless it has a slash.']],
  exitCodes: [
    ['0', 'PROGRAM does not want the message bounced, or there is no such program.'],
    ['100', 'The message is to be bounced, or bouncesaying was called wrongly.'],
    ['111', 'PROGRAM exited with 111, or was ended by a signal.'],
  ],
  seeAlso: ['condredirect(1)', 'except(1)', 'qmail-local(8)'],
};

const exitAccepted = 0;
const exitBounced = 100;
const exitTemporary = 111;

export const bouncesaying: Program = {
  manual,
  run: async (system) => {
    const [text, ...command] = system.args;
    if (text === undefined) {
      complain(system, 'bouncesaying', usage(manual));
      return exitBounced;
    }
    const condition = command.length === 0 ? 'holds' : askProgram(system, 'bouncesaying', command);
    if (condition !== 'holds') return condition === 'fails' ? exitAccepted : exitTemporary;
    try {
      system.files.write(2, bytesOf(`${text}\n`));
    } catch {
      // Nobody listens. The message is to be bounced all the same.
    }
    return exitBounced;
  },
};
