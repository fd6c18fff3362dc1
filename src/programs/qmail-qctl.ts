/** qmail-qctl: an operator's orders for what is in the queue (qmail-qctl(8)). */
import { setTimeout as pause } from 'node:timers/promises';
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type Affected, isEverything, type Order, QueueInUse } from '../queue/index.ts';
import { askHub, type ControlAnswer, type ControlRequest } from '../serve/index.ts';
import { type ByteString, errorCode, errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { filterLimits, filterOptions, filterText, readFilter } from './filter-options.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { steerStopped } from './steer-stopped.ts';

const exitUsage = 100;
const exitTemporary = 111;

/** Characters of an operator's reason for a bounce. */
const reasonLengthMax = 500;

const reasonDefault = 'An operator has returned this message instead of delivering it.';

/** RFC 3463, 3.4: the mail system itself has decided. */
const statusCode = '(#5.3.0)';

const notAllowed = 'only root and the user that qmail-send runs as may steer the queue';

/** How long a hub that is starting or ending is waited for, and how often it is asked. */
const busyMsMax = 10_000;
const busyPauseMs = 100;

const manual: Manual = {
  name: 'qmail-qctl',
  section: 8,
  purpose: 'steer what is in the queue',
  synopsis: [
    'retry|hold|release|bounce|delete FILTER ... [--dry-run]',
    'retry|hold|release|bounce|delete --all [--dry-run]',
  ],
  description: [
    'qmail-qctl changes what qmail-send does with the recipients that a filter chooses. It prints how many recipients in how many messages the order means before it begins, and how many it has changed when it is done. It asks nothing.',
    'retry makes those that wait for their next attempt due now, and forgets why their destination was left alone. hold keeps those that are not tried yet or wait from being tried until they are released. release makes those that are held due now. bounce gives up those that are not delivered yet: the sender is told once the other recipients of the message are done. delete forgets them, and nobody is told; those that have failed are forgotten with them as long as the message has others.',
    filterText,
    'The order goes to the qmail-send that runs, over the socket queue/control. When none runs, qmail-qctl takes the queue itself and changes it; qmail-send then acts on it at its next start. Either way root and the user that qmail-send runs as may do it. When qmail-qctl is ended early, the order ends where it is.',
  ],
  options: [
    ...filterOptions,
    { name: 'all', text: 'All recipients of all messages. Without a filter this must be said.' },
    { name: 'dry-run', letter: 'n', text: 'Print how many the order means, and change nothing.' },
    {
      name: 'reason',
      value: 'TEXT',
      text: `What the bounce says: of bounce only. Default: "${reasonDefault}"`,
    },
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The order was carried out, also when it means no recipient.'],
    ['100', 'It was called wrongly; nothing was changed.'],
    [
      '111',
      'There is no queue, it may not be changed, or the order was not carried out to its end; the message says which.',
    ],
  ],
  limits: [...filterLimits, ['filter', '65536 bytes in all'], ['reason', `${reasonLengthMax} bytes`]],
  bugs: [
    'A recipient that is being tried at this moment is tried to the end. If it is delivered to then, it was; if not, it is bounced or deleted then, and is held meanwhile.',
    'A filter that does not name messages by number looks at the whole queue.',
  ],
  seeAlso: ['qmail-qread(8)', 'qmail-qshape(8)', 'qmail-qstat(8)', 'qmail-send(8)'],
};

/** What operators call the orders. */
const orders: Readonly<Record<string, Order>> = {
  retry: 'retry',
  hold: 'hold',
  release: 'release',
  bounce: 'fail',
  delete: 'delete',
};

interface Asked {
  readonly name: string;
  readonly request: ControlRequest;
}

/** What a bounce says, on one line and with a status code. */
function reportText(reason: ByteString): ByteString {
  const text = printable(reason, reasonLengthMax);
  return `${text}${text.includes('(#') ? '' : ` ${statusCode}`}\n`;
}

/** What the command line asks for, or what is wrong with it. */
function readRequest(line: CommandLine, nowMs: number): Asked | string {
  const [name = '', ...others] = line.operands;
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
  if (order === undefined) return name === '' ? 'it needs an order' : `there is no order ${name}`;
  if (others.length > 0) return `it takes one order, and not ${others.join(' ')}`;
  const reading = readFilter(line, nowMs);
  if (!reading.ok) return reading.problem;
  const { filter } = reading;
  const all = line.has('all');
  if (isEverything(filter) && !all) return 'it needs a filter, or --all';
  if (!isEverything(filter) && all) return 'it takes a filter or --all, and not both';
  const reason = line.value('reason');
  if (reason !== undefined && order !== 'fail') return '--reason is for bounce only';
  const report = reportText(reason ?? reasonDefault);
  return { name, request: { order, filter, all, dryRun: line.has('dry-run'), report } };
}

function amount({ recipients, messages }: Affected): string {
  const noun = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  return `${noun(recipients, 'recipient')} in ${noun(messages, 'message')}`;
}

/** Prints what a hub or the store itself answers. Answers the exit code so far. */
function tell(system: System, { name, request }: Asked, answer: ControlAnswer): number {
  switch (answer.answer) {
    case 'count':
      print(system, `${name}: ${amount(answer)}${request.dryRun ? ' (dry run)' : ''}\n`);
      return 0;
    case 'done':
      print(system, `done: ${amount(answer)}\n`);
      return 0;
    case 'working':
      return 0;
    case 'refused':
    case 'failed':
      complain(system, manual.name, `the hub has ${answer.answer}: ${printable(answer.text)}`);
      return exitTemporary;
  }
}

async function carryOutAnywhere(system: System, asked: Asked, startMs: number): Promise<number> {
  const { request } = asked;
  const home = homeDirectory(system);
  let exit = 0;
  const onAnswer = (answer: ControlAnswer) => {
    exit = Math.max(exit, tell(system, asked, answer));
  };
  for (;;) {
    if (await askHub(nativeText(`${home}/queue`), request, onAnswer)) return exit;
    try {
      await steerStopped({
        home,
        order: { order: request.order, filter: request.filter, report: request.report, nowMs: startMs },
        dryRun: request.dryRun,
        onCount: (meant) => onAnswer({ answer: 'count', ...meant }),
        onDone: (changed) => onAnswer({ answer: 'done', ...changed }),
      });
      return exit;
    } catch (error) {
      // A hub that is starting has the queue already and does not listen yet.
      if (!(error instanceof QueueInUse) || system.now() > startMs + busyMsMax) throw error;
      await pause(busyPauseMs);
    }
  }
}

export const qmailQctl: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const nowMs = system.now();
    const asked = parsed.ok ? readRequest(parsed.line, nowMs) : parsed.problem;
    if (typeof asked === 'string') {
      complain(system, manual.name, `${asked}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      return await carryOutAnywhere(system, asked, nowMs);
    } catch (error) {
      const reason = errorCode(error) === 'EACCES' ? notAllowed : errorText(error);
      complain(system, manual.name, `fatal: ${reason}`);
      return exitTemporary;
    }
  },
};
