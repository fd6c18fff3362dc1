/** qmail-send: owns the queue and delivers what is in it. */
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { nativeText } from '../system/node/index.ts';
import { startEmbeddedHub } from './embedded-hub.ts';
import { endOfInput } from './end-of-input.ts';
import { type HubOptions, startHub } from './hub.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { hubOptions, readHubOptions, runHub } from './run-hub.ts';
import { spawnedDeliveries } from './spawned-delivery.ts';

const exitUsage = 100;

export const deliveryDefault = './Maildir/';

const manual: Manual = {
  name: 'qmail-send',
  section: 8,
  purpose: 'deliver messages from the queue',
  synopsis: [
    '[--home DIR] [--log FORM] [--metrics ADDRESS:PORT] [DEFAULTDELIVERY]',
    '--spawn [--alias-uid UID] [--server-uid UID] [--log FORM] [--metrics ADDRESS:PORT]',
  ],
  description: [
    'qmail-send owns the queue in HOME/queue: it takes messages of this host from qmail-queue, delivers those whose domain is in control/locals, and tries again later what cannot be delivered now. It runs as the user who starts it and delivers everything as that user. One qmail-send owns a queue at a time.',
    'A recipient that is not local is deferred. Attempts follow at 100, 400, 900 ... seconds after the message was accepted, for recipients that are not local at 400, 1600, 3600 ... seconds.',
    'Mail goes out in a fair order: a host that submits many messages, or a message with many recipients, does not hold back others. A few messages that wait for the same user of this host are delivered together. A destination that fails gets fewer deliveries at once, and in the end is left alone for a while.',
    'A recipient that can never be delivered to waits until the others are done; then one bounce names all that failed. It is a multipart/report (RFC 6522) and readable as QSBMF. The bounce of a bounce goes to doublebounceto, and one of that is dropped and logged.',
    'The same submission again is taken once: for submissionmemory seconds the bytes of a message, its sender and its recipients are remembered, if it has a Message-ID, and the same again is answered as it was the first time and not queued. A line of the log tells of each. A program that sends the same bytes, Message-ID and all, and means them as several messages, needs a hub on which submissionmemory is 0.',
    'It logs to descriptor 1. SIGTERM and SIGINT end it: it finishes the deliveries that run. SIGALRM makes everything due now. SIGHUP reads the control files again, and keeps the old ones when the new ones cannot be used. While it runs it keeps queue/store.lock locked, so that no other process takes the same queue, in this container or in another: leave that file where it is. A killed qmail-send loses no message; a delivery that was done and not yet recorded is done again at the next start.',
  ],
  options: [
    {
      name: 'home',
      value: 'DIR',
      text: 'The directory that DEFAULTDELIVERY counts from. Default: HOME/home.',
    },
    ...hubOptions,
    {
      name: 'spawn',
      text: 'For qmail-start: deliver through qmail-lspawn on descriptor 3 and qmail-rspawn on descriptor 4, and end, as on SIGTERM, when descriptor 0 does.',
    },
    { name: 'alias-uid', value: 'UID', text: 'With --spawn: the uid of the user alias.' },
    {
      name: 'server-uid',
      value: 'UID',
      text: 'With --spawn: the uid of network servers. What they submit came from the network.',
    },
  ],
  environment: [['QMAILHOME', 'The directory that holds control/ and queue/; /var/qmail without it.']],
  controls: [
    ['me', 'The name of this host. Required.'],
    ['locals', 'Domains that are local. Default: me.'],
    ['envnoathost', 'The host of recipients without one. Default: me.'],
    ['percenthack', 'Domains in which user%host@domain becomes user@host. Default: none.'],
    ['concurrencylocal', 'Local deliveries at the same time. Default: 10; 0 stops them.'],
    ['concurrencyremote', 'The same for recipients that are not local. Default: 20.'],
    ['timeoutprogram', 'Seconds for which a program of a .qmail file may run. Default: 3600.'],
    ['virtualdomains', 'Lines user@domain:prefix, domain:prefix, .suffix:prefix or :prefix. Default: none.'],
    ['queuelifetime', 'Seconds after which the next failure is the last. Default: 604800.'],
    [
      'submissionmemory',
      'Seconds for which submissions are remembered; 0 for not at all. Default: 604800, a week.',
    ],
    ['bouncefrom', 'The user name from which bounces come. Default: MAILER-DAEMON.'],
    ['bouncehost', 'The host from which they come. Default: me.'],
    ['doublebounceto', 'The user to whom bounces of bounces go. Default: postmaster.'],
    ['doublebouncehost', 'The host of that user. Default: me.'],
    [
      'bouncemaxbytes',
      'A longer message is bounced with its header only; with 0 there is no limit. Default: 65536.',
    ],
  ],
  exitCodes: [
    ['0', 'It was ended by a signal.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The queue or a control file cannot be used; the log says why.'],
  ],
  limits: [
    ['recipients in memory', '5000 of each kind wait for their turn; all others wait in the store'],
    ['concurrency', '1000 for each kind'],
    [
      'messages of one queue',
      '8589934590 numbers; then new mail and bounces are refused for now, and what is in the queue is delivered: when it is empty, move its directory away, and the next start makes another',
    ],
    ['report in a bounce', '3000 bytes; the rest is left out'],
    [
      'free space on the disk of the queue',
      'new mail is refused for now when less than 2 MiB, or an eighth of a disk under 16 MiB, would stay free or in the log of the store: deliveries must be recorded there',
    ],
  ],
  seeAlso: ['qmail-start(8)', 'qmail-queue(8)', 'qmail-qctl(8)', 'qmail-qread(8)', 'qmail-qstat(8)'],
};

/** A uid that qmail-start gives; one that it does not give is nobody's. */
function uidOf(line: CommandLine, name: string): number {
  const value = line.value(name);
  return value === undefined ? -1 : Number(value);
}

type Reporting = Pick<HubOptions, 'report' | 'onLost'>;

export const qmailSend: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    if (system.uid === 0) {
      complain(system, manual.name, 'it does not run as root: call it as an ordinary user');
      return exitUsage;
    }
    const home = homeDirectory(system);
    const { line } = parsed;
    const [delivery = deliveryDefault] = line.operands;
    const options = readHubOptions(line);
    if (!options.ok) {
      complain(system, manual.name, options.problem);
      return exitUsage;
    }
    const { log, metrics } = options;
    const hub = { system, home, listen: [] };
    if (!line.has('spawn')) {
      const mailHome = line.value('home') ?? `${home}/home`;
      const start = (reporting: Reporting) => startEmbeddedHub({ ...hub, ...reporting, mailHome, delivery });
      return await runHub({ system, log, metrics, start });
    }
    const accounts = { aliasUid: uidOf(line, 'alias-uid'), serverUid: uidOf(line, 'server-uid') };
    return await runHub({
      system,
      log,
      metrics,
      until: endOfInput(),
      start: ({ report, onLost }) =>
        startHub({
          ...hub,
          accounts,
          report,
          onLost,
          deliveries: (store) =>
            spawnedDeliveries(
              {
                directory: nativeText(`${home}/queue`),
                log: (text) => report({ event: 'notice', text }),
                onLost,
              },
              store,
            ),
        }),
    });
  },
};
