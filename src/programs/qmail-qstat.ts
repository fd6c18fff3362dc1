/** qmail-qstat: how many messages are in the queue (qmail-qstat(8)). */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { openQueue } from './open-queue.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'qmail-qstat',
  section: 8,
  purpose: 'summarise the queue',
  synopsis: [''],
  description: [
    'qmail-qstat prints two lines: how many messages are in the queue, and how many of them qmail-send has not looked at yet. A message is accepted together with everything that qmail-send needs, so the second number is always 0; the line is there for those who read it.',
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The numbers were printed.'],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no queue, or it may not be read.'],
  ],
  seeAlso: ['qmail-qread(8)', 'qmail-send(8)'],
};

export const qmailQstat: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    const queue = openQueue(homeDirectory(system));
    const { messages } = queue.counts();
    queue.close();
    print(system, `messages in queue: ${messages}\nmessages in queue but not yet preprocessed: 0\n`);
    return 0;
  },
};
