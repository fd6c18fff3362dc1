/** qmail-inject: completes the header of a message and hands it to the queue (qmail-inject(8), qmail-header(5)). */
import { type Injection, InjectProblem, inject, printInjected, readSettings } from '../inject/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { printable } from '../system/index.ts';
import { injectControls, injectDescription, injectEnvironment, injectLimits } from './inject-environment.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitPermanent = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-inject',
  section: 8,
  purpose: 'complete a message and send it',
  synopsis: ['[-nNaAhH] [-f SENDER] [RECIPIENT ...]'],
  description: [
    'qmail-inject reads a message on descriptor 0, completes its header, and hands it to the queue with the recipients on the command line or in the header.',
    injectDescription,
    'Recipients in the header are those of To, Cc, Bcc and Apparently-To, or of Resent-To, Resent-Cc and Resent-Bcc when the message is resent. Addresses on the command line are raw: what stands before the last @ is taken as it is, blanks and all.',
  ],
  options: [
    {
      letter: 'a',
      name: 'arguments',
      letterOnly: true,
      text: 'Send to the recipients on the command line only.',
    },
    { letter: 'h', name: 'header', letterOnly: true, text: 'Send to the recipients in the header only.' },
    { letter: 'H', name: 'both', letterOnly: true, text: 'Send to the recipients in both places.' },
    {
      letter: 'A',
      name: 'either',
      letterOnly: true,
      text: 'Send to the recipients on the command line, or to those in the header when there are none. This is the default.',
    },
    {
      letter: 'f',
      name: 'sender',
      value: 'SENDER',
      letterOnly: true,
      text: 'The envelope sender, which gets the bounces; it overrides Return-Path and all variables. May be empty.',
    },
    { letter: 'n', name: 'print', letterOnly: true, text: 'Print the message instead of sending it.' },
    { letter: 'N', name: 'send', letterOnly: true, text: 'Send the message. This is the default.' },
  ],
  environment: injectEnvironment,
  controls: injectControls,
  exitCodes: [
    ['0', 'The queue has taken the message, or it was printed.'],
    [
      '100',
      'It was called wrongly, the message or an address is malformed, or the queue refused the message for good.',
    ],
    ['111', 'The queue cannot take the message now, or something could not be read. Try again.'],
  ],
  limits: injectLimits,
  bugs: [
    'A To, Cc or Bcc field that cannot be parsed leaves as it is, and names no recipients. A message without any recipient is handed to the queue, which forgets it.',
  ],
  seeAlso: ['sendmail(1)', 'qmail-queue(8)'],
};

/** Of options that contradict one another the last counts, so the order on the command line decides. */
function recipientsFrom(line: CommandLine): Injection['recipientsFrom'] {
  switch (line.last('arguments', 'header', 'both', 'either')) {
    case 'arguments':
      return 'arguments';
    case 'header':
      return 'header';
    case 'both':
      return 'both';
    default:
      return line.operands.length > 0 ? 'arguments' : 'header';
  }
}

export const qmailInject: Program = {
  manual,
  run: async (system, wiring) => {
    const fail = (exitCode: number, text: string): number => {
      complain(system, 'qmail-inject', text);
      return exitCode;
    };
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) return fail(exitPermanent, `${parsed.problem}\n${usage(manual)}`);
    const { line } = parsed;
    try {
      const injection: Injection = {
        settings: readSettings(system),
        recipientsFrom: recipientsFrom(line),
        recipients: line.operands,
        sender: line.value('sender'),
        recipientsRequired: false,
        unixLines: false,
      };
      if (line.last('print', 'send') === 'print') {
        printInjected(system, injection);
        return 0;
      }
      const { answer } = await inject(system, injection, chooseQueue(system, wiring.queue));
      if (answer.verdict === 'K') return 0;
      const exitCode = answer.verdict === 'D' ? exitPermanent : exitTemporary;
      return fail(exitCode, `fatal: ${printable(answer.text)}`);
    } catch (error) {
      if (error instanceof InjectProblem) return fail(exitPermanent, `fatal: ${error.message}`);
      throw error;
    }
  },
};
