/** qmail-rspawn: has messages sent to other hosts. */
import { Socket } from 'node:net';
import { homeDirectory, openControl } from '../control/index.ts';
import { channelDescriptor } from '../local/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  createPrepare,
  createRemoteSender,
  createRemoteSpawner,
  keptMax,
  openRemote,
  remoteDefaults,
  remoteOutputBytesMax,
  runMsDefault,
  watchSettings,
} from '../remote/index.ts';
import { createBodyFetcher, serveJobs } from '../spawn/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { ignoreSignals } from './qmail-ldeliver.ts';
import { remoteControls, remoteLimits } from './remote-manual.ts';

const manual: Manual = {
  name: 'qmail-rspawn',
  section: 8,
  purpose: 'have messages sent to other hosts',
  synopsis: [''],
  description: [
    'qmail-rspawn is started by qmail-start as the user qmailr. It takes recipients of other hosts from qmail-send on descriptor 3 and sends to them what qmail-remote(8) would send, by the same control files. A connection is kept for the next message to the same destination, and recipients of one message at one destination get it in one transaction, if they are asked for at the same time. A connection that turns out to be closed when the next message is to be sent is replaced by another. Control files are read again when they have changed, at most once a second; what makes no sense is reported, and what was before holds on.',
    'Where $QMAILREMOTE or control/qmailremote names a program, that program is run for each recipient instead, with host, sender and recipient as arguments and the message on descriptor 0. What it prints on descriptor 1 decides: records that end with NUL, first r, h or s for the recipient (accepted, refused for ever, refused for now), then K, Z or D for the message, each with a text.',
    'When it starts it forgets the hosts that did not answer before.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/, queue/ and bin/; /var/qmail without it.'],
    ['QMAILREMOTE', 'The program to run, before what control/qmailremote says.'],
  ],
  controls: [
    ...remoteControls,
    ['qmailremote', 'A program in place of what is built in. Default: none.'],
    [
      'remoteconnections',
      `Connections to one destination at the same time. Default: ${remoteDefaults.remoteconnections}.`,
    ],
    [
      'remoteidle',
      `Seconds for which a connection is kept that has nothing to do; 0 for none. Default: ${remoteDefaults.remoteidle}.`,
    ],
    ['remotemessages', `Messages over one connection. Default: ${remoteDefaults.remotemessages}.`],
    [
      'remoterecipients',
      `Recipients in one transaction, at most 100. Default: ${remoteDefaults.remoterecipients}.`,
    ],
  ],
  exitCodes: [
    ['0', 'Descriptor 3 has ended, and all is done.'],
    ['100', 'It was called wrongly, or as root.'],
    ['111', 'It could not go on.'],
  ],
  limits: [
    ...remoteLimits,
    ['report of a program', `${remoteOutputBytesMax} bytes are read`],
    ['time of a program', `it is ended after ${runMsDefault / 1000} seconds`],
    ['kept connections', `${keptMax} in all; the one that was idle for the longest time makes room`],
  ],
  seeAlso: ['qmail-remote(8)', 'qmail-start(8)', 'qmail-lspawn(8)', 'qmail-send(8)'],
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
    const control = openControl(system);
    const log = (line: string) => print(system, `${line}\n`);
    const settings = watchSettings(system, control, log);
    const mail = openRemote({ system, home, settings, log });
    mail.timeouts.clear();
    const sender = createRemoteSender({ settings, sender: mail, prepare: createPrepare(system, control) });
    const program = () => system.env('QMAILREMOTE') || control.line('qmailremote') || undefined;
    await serveJobs(
      new Socket({ fd: channelDescriptor, allowHalfOpen: true }),
      createRemoteSpawner({ bodies, sender, program }),
    );
    sender.close();
    bodies.close();
    return 0;
  },
};
