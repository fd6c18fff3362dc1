/** qmail-rspawn: has messages sent to other hosts. */
import { Socket } from 'node:net';
import { homeDirectory } from '../control/index.ts';
import { channelDescriptor } from '../local/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { createRemoteSpawner, remoteOutputBytesMax, runMsDefault } from '../remote/index.ts';
import { createBodyFetcher, serveJobs } from '../spawn/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { ignoreSignals } from './qmail-ldeliver.ts';

const manual: Manual = {
  name: 'qmail-rspawn',
  section: 8,
  purpose: 'have messages sent to other hosts',
  synopsis: [''],
  description: [
    'qmail-rspawn is started by qmail-start as the user qmailr. It takes recipients of other hosts from qmail-send on descriptor 3 and runs for each the program that $QMAILREMOTE names, or qmail-remote in HOME/bin or along $PATH, with host, sender and recipient as arguments and the message on descriptor 0. What that program prints on descriptor 1 decides: records that end with NUL, first r, h or s for the recipient (accepted, refused for ever, refused for now), then K, Z or D for the message, each with a text.',
    'There is no qmail-remote in this package: without one, what is not for this host is deferred, and comes back to its sender when queuelifetime is over.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds queue/ and bin/; /var/qmail without it.'],
    ['QMAILREMOTE', 'The program to run.'],
  ],
  exitCodes: [
    ['0', 'Descriptor 3 has ended, and all is done.'],
    ['100', 'It was called wrongly, or as root.'],
    ['111', 'It could not go on.'],
  ],
  limits: [
    ['report', `${remoteOutputBytesMax} bytes are read`],
    ['time', `the program is ended after ${runMsDefault / 1000} seconds`],
  ],
  seeAlso: ['qmail-start(8)', 'qmail-lspawn(8)', 'qmail-send(8)'],
};

const exitUsage = 100;

export const qmailRspawn: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    if (system.uid === 0) {
      complain(system, manual.name, 'it does not run as root');
      return exitUsage;
    }
    ignoreSignals();
    const home = nativeText(homeDirectory(system));
    process.env['PATH'] = `${home}/bin:${process.env['PATH'] ?? ''}`;
    const bodies = createBodyFetcher(system, `${home}/queue`);
    const program = process.env['QMAILREMOTE'] || 'qmail-remote';
    await serveJobs(
      new Socket({ fd: channelDescriptor, allowHalfOpen: true }),
      createRemoteSpawner({ bodies, program }),
    );
    bodies.close();
    return 0;
  },
};
