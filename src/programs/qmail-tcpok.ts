/** qmail-tcpok: forgets which hosts did not answer. */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { openTimeouts, timeoutsFile } from '../remote/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-tcpok',
  section: 8,
  purpose: 'forget which hosts did not answer',
  synopsis: [''],
  description: [
    'qmail-tcpok forgets all hosts that qmail-tcpto shows, so that messages for them are tried when it is their time again; SIGALRM to qmail-send, or `qmail-qctl retry`, makes that now.',
  ],
  environment: [['QMAILHOME', 'The home directory; /var/qmail without it.']],
  exitCodes: [
    ['0', 'They are forgotten.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The file of them cannot be written.'],
  ],
  seeAlso: ['qmail-tcpto(8)', 'qmail-rspawn(8)', 'qmail-qctl(8)'],
};

export const qmailTcpok: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const path = `${nativeText(homeDirectory(system))}/${timeoutsFile}`;
    openTimeouts({ path, now: system.now, spread: 0 }).clear();
    // What could not be written is known to the other processes as before.
    const left = openTimeouts({ path, now: system.now, spread: 0 }).list();
    if (left.length === 0) return 0;
    complain(system, manual.name, `fatal: unable to write ${path}`);
    return exitTemporary;
  },
};
