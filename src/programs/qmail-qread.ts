/** qmail-qread: what is in the queue, message by message (qmail-qread(8)). */
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { readRoutes } from '../send/index.ts';
import { filterLimits, filterOptions, filterText, readFilter } from './filter-options.ts';
import { openQueue } from './open-queue.ts';
import { complain } from './print.ts';
import { printAll } from './print-all.ts';
import type { Program } from './program.ts';
import { classicListing, jsonListing } from './queue-listing.ts';

const manual: Manual = {
  name: 'qmail-qread',
  section: 8,
  purpose: 'list the messages in the queue',
  synopsis: ['[-l|--json] [FILTER ...]'],
  description: [
    'qmail-qread prints a line for each message in the queue: when it was accepted, its number, its size in bytes and its sender; then "bouncing" when a bounce will follow, since a recipient has failed. A line for each recipient follows: a tab, local or remote, a tab, the address. In front of the first tab stands "done" when the recipient has failed and will not be tried again. A recipient that was delivered to is not listed any more.',
    'The list is read while qmail-send goes on: a message that it finishes meanwhile may appear without its recipients. Bytes that are not printable appear as _.',
    filterText,
  ],
  options: [
    {
      letter: 'l',
      name: 'long',
      text: 'After each recipient print a line, which begins with two tabs: its state, how often it was tried, when it is tried next, and what the last attempt reported.',
    },
    {
      name: 'json',
      text: 'Print an object on a line for each recipient. Of its message: msg (the number), id (the Message-ID), accepted, host (that submitted), caller, sender, bytes, bouncing. Of itself: recipient (as the envelope has it), channel and address (as it is delivered to), state, attempts, tried, next and error (of the last attempt); null where there is none. Bytes over 126 are escaped as \\u00NN.',
    },
    ...filterOptions,
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/ and control/; /var/qmail without it.']],
  controls: [
    ['locals', 'Domains that are local. Default: me.'],
    ['virtualdomains', 'Domains and addresses that belong to local users. Default: none.'],
    ['envnoathost', 'The host of recipients without one. Default: me.'],
    ['percenthack', 'Domains in which user%host@domain becomes user@host. Default: none.'],
  ],
  exitCodes: [
    ['0', 'The queue was listed.'],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no queue, or it may not be read.'],
  ],
  limits: filterLimits,
  bugs: ['A filter that does not name messages by number looks at the whole queue.'],
  seeAlso: ['qmail-qctl(8)', 'qmail-qshape(8)', 'qmail-qstat(8)', 'qmail-send(8)'],
};

export const qmailQread: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const reading = parsed.ok ? readFilter(parsed.line, system.now()) : parsed;
    if (!parsed.ok || !reading.ok || parsed.line.operands.length > 0) {
      const problem = reading.ok ? '' : `${reading.problem}\n`;
      complain(system, manual.name, `${problem}${usage(manual)}`);
      return 100;
    }
    const routes = readRoutes(openControl(system));
    const queue = openQueue(homeDirectory(system));
    const options = { queue, filter: reading.filter, routes };
    const { line } = parsed;
    printAll(system, line.has('json') ? jsonListing(options) : classicListing(options, line.has('long')));
    queue.close();
    return 0;
  },
};
