/** qmail-qcheck: whether the queue is sound (qmail-qcheck(8)). */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { lockStore } from '../queue/index.ts';
import { errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { checkAndPrint, findingsShownMax } from './check-report.ts';
import { queueFile, requireReadable } from './open-queue.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-qcheck',
  section: 8,
  purpose: 'check the queue, and repair what is safe to repair',
  synopsis: ['[FILE]', '--repair'],
  description: [
    'qmail-qcheck reads the whole queue and prints one line for each thing that is wrong with it, and a summary. It looks at the file and its indexes, at the counters of each message, at what belongs to no message, at messages whose bytes are not complete, at the counts that qmail-qstat shows, at the numbers of messages and at the memory of submissions. It changes nothing and may be called while qmail-send runs: it sees the queue as it was when it began. With FILE it checks that store and not the queue: a backup.',
    'With --repair it repairs what it can without losing anything that might still be delivered. It rebuilds indexes, corrects counters, and deletes what belongs to no message. All repairs are made together or not at all, and the queue is checked once more after them. qmail-send must not run meanwhile.',
    'What it cannot repair it leaves as it is. A file that SQLite finds damaged is not touched: stop qmail-send, keep a copy of the queue directory, and put a backup in its place (qmail-qbackup(8)). A message that has lost bytes cannot be delivered; qmail-send tries it until its time is over and then bounces it.',
    'Incomplete messages are no fault: they are being received, or were when qmail-send was killed, and the next start removes what is left of those.',
  ],
  options: [{ name: 'repair', text: 'Repair what is safe to repair.' }],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'Nothing is wrong.'],
    ['1', 'All that was wrong is repaired.'],
    ['2', 'Something is wrong and is not repaired.'],
    ['100', 'It was called wrongly.'],
    [
      '111',
      'There is no queue, it cannot be read, it is of another version, or qmail-send has it and it is to be repaired.',
    ],
  ],
  limits: [['findings', `${findingsShownMax} are printed, all are counted`]],
  bugs: [
    'It reads the whole file, which takes its time in a large queue. While it runs beside qmail-send, the log in queue/store.sqlite-wal grows with all that is written.',
  ],
  seeAlso: ['qmail-qbackup(8)', 'qmail-qstat(8)', 'qmail-send(8)'],
};

function repairQueue(system: System, directory: string, path: string): number {
  const unlock = lockStore(directory);
  try {
    return checkAndPrint(system, path, true);
  } finally {
    unlock();
  }
}

export const qmailQcheck: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const problem = parsed.ok ? undefined : parsed.problem;
    const [file, ...others] = parsed.ok ? parsed.line.operands : [];
    const repair = parsed.ok && parsed.line.has('repair');
    if (problem !== undefined || others.length > 0 || (repair && file !== undefined)) {
      const text = problem ?? (repair ? '--repair is for the queue, and takes no file' : 'it takes one file');
      complain(system, manual.name, `${text}\n${usage(manual)}`);
      return exitUsage;
    }
    const home = homeDirectory(system);
    const path = file === undefined ? queueFile(home) : nativeText(file);
    try {
      requireReadable(path);
      if (!repair) return checkAndPrint(system, path, false);
      return repairQueue(system, nativeText(`${home}/queue`), path);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
