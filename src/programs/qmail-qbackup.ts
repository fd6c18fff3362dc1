/** qmail-qbackup: a copy of the queue, taken while the hub runs (qmail-qbackup(8)). */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { backUpStore } from '../queue/index.ts';
import { errorText } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { checkAndPrint } from './check-report.ts';
import { queueFile, requireReadable } from './open-queue.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-qbackup',
  section: 8,
  purpose: 'back up the queue',
  synopsis: ['TARGET'],
  description: [
    'qmail-qbackup writes the queue, as it is at one moment, into the new file TARGET. qmail-send may run and goes on accepting and delivering. The copy is complete under its name or not there at all, is on stable storage when qmail-qbackup ends, and may be read by its owner only. It is checked as qmail-qcheck does, and what that finds is printed. An existing file is never overwritten.',
    'To restore a backup, stop qmail-send; move queue/store.sqlite, queue/store.sqlite-wal and queue/store.sqlite-shm out of the way, all three, since a log that belongs to another file would spoil the copy; copy the backup to queue/store.sqlite, owned by the user that qmail-send runs as, with mode 600; call qmail-qcheck; start qmail-send.',
    'After that the queue is what it was at the time of the backup: what was delivered since then is delivered again, and what was accepted since then is not there. So a backup is for a disk that was lost, and not for undoing.',
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The backup is there, and nothing is wrong with it.'],
    ['2', 'The backup is there, and something is wrong with it, as with the queue: see qmail-qcheck(8).'],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no backup: TARGET exists, or the queue cannot be read, or TARGET cannot be written.'],
  ],
  bugs: ['While it copies, the log in queue/store.sqlite-wal grows with all that is written.'],
  seeAlso: ['qmail-qcheck(8)', 'qmail-send(8)'],
};

export const qmailQbackup: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const [target, ...others] = parsed.ok ? parsed.line.operands : [];
    if (!parsed.ok || target === undefined || target === '' || others.length > 0) {
      const text = parsed.ok ? 'it takes the file that the backup goes to' : parsed.problem;
      complain(system, manual.name, `${text}\n${usage(manual)}`);
      return exitUsage;
    }
    const path = queueFile(homeDirectory(system));
    const copy = nativeText(target);
    try {
      requireReadable(path);
      const sizeBytes = backUpStore(path, copy);
      print(system, `${target}: ${sizeBytes} bytes\n`);
      return checkAndPrint(system, copy, false);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
