/** qmail-tcpto: shows the hosts that did not answer. */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { openTimeouts, timeoutsFile } from '../remote/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;

const manual: Manual = {
  name: 'qmail-tcpto',
  section: 8,
  purpose: 'show the hosts that did not answer',
  synopsis: [''],
  description: [
    'qmail-tcpto prints the addresses of hosts to which no mail could be sent because they did not answer, or took a connection and were not ready for mail in time, when that was the last time, and how often in a row, not counting what happened again within two minutes. A host that has not answered twice is left alone for about an hour. A host that answers is forgotten.',
  ],
  environment: [['QMAILHOME', 'The home directory; /var/qmail without it.']],
  exitCodes: [
    ['0', 'They were printed, if there are any.'],
    ['100', 'It was called wrongly.'],
  ],
  seeAlso: ['qmail-tcpok(8)', 'qmail-rspawn(8)', 'qmail-remote(8)'],
};

export const qmailTcpto: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const path = `${nativeText(homeDirectory(system))}/${timeoutsFile}`;
    for (const { address, strikes, lastMs } of openTimeouts({ path, now: system.now, spread: 0 }).list()) {
      const seconds = Math.max(0, Math.floor((system.now() - lastMs) / 1000));
      print(system, `${address} timed out ${seconds} seconds ago; # recent timeouts: ${strikes}\n`);
    }
    return 0;
  },
};
