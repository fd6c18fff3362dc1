/** qmail-send: owns the queue and delivers what is in it. */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { runHub } from './run-hub.ts';

const exitUsage = 100;

export const deliveryDefault = './Maildir/';

const manual: Manual = {
  name: 'qmail-send',
  section: 8,
  purpose: 'deliver messages from the queue',
  synopsis: ['[--home DIR] [DEFAULTDELIVERY]'],
  description: [
    'qmail-send owns the queue in HOME/queue: it takes messages of this host from qmail-queue, delivers those whose domain is in control/locals, and tries again later what cannot be delivered now. It runs as the user who starts it and delivers everything as that user. One qmail-send owns a queue at a time.',
    'A recipient that is not local is deferred. Attempts follow at 100, 400, 900 ... seconds after the message was accepted, for recipients that are not local at 400, 1600, 3600 ... seconds.',
    'It logs to descriptor 1 in the words of qmail-log(5). SIGTERM and SIGINT end it: it finishes the deliveries that run. SIGHUP reads locals, percenthack and envnoathost again. A killed qmail-send loses no message; a delivery that was done and not yet recorded is done again at the next start.',
  ],
  options: [
    {
      name: 'home',
      value: 'DIR',
      text: 'The directory that DEFAULTDELIVERY counts from. Default: HOME/home.',
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
  ],
  exitCodes: [
    ['0', 'It was ended by a signal.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The queue or a control file cannot be used; the log says why.'],
  ],
  limits: [
    ['recipients in memory', '2000 wait for their turn; all others wait in the store'],
    ['concurrency', '1000 for each kind'],
    [
      'free space on the disk of the queue',
      'new mail is refused for now when less than 2 MiB would stay free, or an eighth of a disk under 16 MiB: deliveries must be recorded there',
    ],
  ],
  bugs: ['There are no bounces: what can never be delivered stays in the queue and is tried again.'],
  seeAlso: ['qmail-start(8)', 'qmail-queue(8)', 'qmail-qread(8)', 'qmail-qstat(8)'],
};

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
    const [delivery = deliveryDefault] = parsed.line.operands;
    return await runHub({
      system,
      home,
      mailHome: parsed.line.value('home') ?? `${home}/home`,
      delivery,
      listen: [],
    });
  },
};
