/** qmail-qread: what is in the queue, message by message (qmail-qread(8)). */
import { homeDirectory, openControl } from '../control/index.ts';
import { formatDate } from '../mail/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import type { QueuedMessage, QueuedRecipient } from '../queue/index.ts';
import { type Routes, readRoutes, route } from '../send/index.ts';
import type { ByteString } from '../system/index.ts';
import { openQueue } from './open-queue.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'qmail-qread',
  section: 8,
  purpose: 'list the messages in the queue',
  synopsis: ['[-l]'],
  description: [
    'qmail-qread prints a line for each message in the queue: when it was accepted, its number, its size in bytes and its sender. A line for each recipient that is still to be delivered follows: a tab, local or remote, a tab, the address. A recipient that is done with is not listed any more.',
    'The list is read while qmail-send goes on: a message that it finishes meanwhile may appear without its recipients. Bytes that are not printable appear as _.',
  ],
  options: [
    {
      letter: 'l',
      name: 'long',
      text: 'After each recipient that was tried, print how often, when it is tried next, and what the last attempt reported.',
    },
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/ and control/; /var/qmail without it.']],
  controls: [
    ['locals', 'Domains that are local. Default: me.'],
    ['envnoathost', 'The host of recipients without one. Default: me.'],
    ['percenthack', 'Domains in which user%host@domain becomes user@host. Default: none.'],
  ],
  exitCodes: [
    ['0', 'The queue was listed.'],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no queue, or it may not be read.'],
  ],
  seeAlso: ['qmail-qstat(8)', 'qmail-send(8)'],
};

/** How much of the list is gathered before it is printed. */
const outputLengthMax = 65_536;

/** `5 Nov 2026 08:44:38 GMT` */
function dateOf(ms: number): string {
  return formatDate(ms).replace(' -0000', ' GMT');
}

/** On one line, whatever a peer has put into an address or a report. */
function printed(text: ByteString): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 10) result += '/';
    else result += code < 32 || code > 126 ? '_' : text.charAt(index);
  }
  return result;
}

/** The blank at the end is there when the message is not bouncing, as in the original. */
function messageLine({ birthMs, id, sizeBytes, sender }: QueuedMessage): string {
  return `${dateOf(birthMs)}  #${id}  ${sizeBytes}  <${printed(sender)}> \n`;
}

function recipientLine(routes: Routes, recipient: QueuedRecipient): string {
  const { channel, address } = route(routes, recipient.address);
  return `\t${channel}\t${printed(address)}\n`;
}

function attemptLine({ attempts, dueMs, report }: QueuedRecipient): string {
  if (attempts === 0) return '';
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return `\t\t${times}, next ${dateOf(dueMs)}: ${printed(report.trimEnd())}\n`;
}

export const qmailQread: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    const long = parsed.line.has('long');
    const routes = readRoutes(openControl(system));
    const queue = openQueue(homeDirectory(system));
    let output = '';
    const gather = (text: string) => {
      output += text;
      if (output.length < outputLengthMax) return;
      print(system, output);
      output = '';
    };
    for (const message of queue.messages()) {
      gather(messageLine(message));
      for (const recipient of queue.recipients(message.id)) {
        gather(recipientLine(routes, recipient));
        if (long) gather(attemptLine(recipient));
      }
    }
    print(system, output);
    queue.close();
    return 0;
  },
};
