/** qmail-qshape: the age of what waits, by destination, sender or submitting host, as a table (qmail-qshape(8)). */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  type Shape,
  type ShapeKey,
  type ShapeRow,
  shapeMinutes,
  shapeNamesMax,
  shapeOf,
} from '../queue/index.ts';
import { asciiJson, printable } from '../system/index.ts';
import { filterLimits, filterOptions, filterText, readFilter } from './filter-options.ts';
import { openQueue } from './open-queue.ts';
import { complain } from './print.ts';
import { printAll } from './print-all.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'qmail-qshape',
  section: 8,
  purpose: 'show the age of what is in the queue, by destination',
  synopsis: ['[-s|--by-host] [--json] [FILTER ...]'],
  description: [
    'qmail-qshape prints a table. Each row is a domain, and counts the recipients in it that are still to be delivered to: in all (T), and by the age of their message in minutes. The column 20 counts messages that were accepted 10 to 20 minutes ago; the last one those that are older. The first row is the whole queue; the domain with the most recipients follows.',
    'Many young recipients at one domain are a large mailing; many old ones are a destination that does not take its mail; many from one host are a host that should be looked at.',
    filterText,
  ],
  options: [
    {
      letter: 's',
      name: 'by-sender',
      text: 'Rows are the domains of senders, and count messages. The empty sender, which bounces have, is <>.',
    },
    {
      name: 'by-host',
      text: 'Rows are the hosts that submitted, and count messages. This machine is "local".',
    },
    {
      name: 'json',
      text: 'Print an object on a line for each row, with the keys name, total and counts; the first, whose name is null, is the whole queue. If names found no row of their own, the last has the key others.',
    },
    ...filterOptions,
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The table was printed.'],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no queue, or it may not be read.'],
  ],
  limits: [
    ...filterLimits,
    ['names', `${shapeNamesMax} have rows of their own; all others share the row (others)`],
  ],
  bugs: ['It looks at the whole queue, which takes some seconds for each million of recipients.'],
  seeAlso: ['qmail-qctl(8)', 'qmail-qread(8)', 'qmail-qstat(8)'],
};

const heads: readonly string[] = ['T', ...shapeMinutes.map(String), `${shapeMinutes.at(-1)}+`];

/** Characters of a name in the table. */
const nameLengthMax = 60;

/** What the table calls rows without a name. */
const nameless: Readonly<Record<ShapeKey, string>> = { domain: '(none)', sender: '<>', host: 'local' };

function rowLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = ['', ...heads].map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) => `${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' ')}\n`);
}

function table({ total, rows, others }: Shape, key: ShapeKey): readonly string[] {
  const cells = (name: string, row: ShapeRow) => [name, ...[row.total, ...row.counts].map(String)];
  return rowLines([
    ['', ...heads],
    cells('TOTAL', total),
    ...rows.map((row) => cells(printable(row.name, nameLengthMax) || nameless[key], row)),
    ...(others === undefined ? [] : [cells('(others)', others)]),
  ]);
}

function* jsonLines({ total, rows, others }: Shape): Iterable<string> {
  const line = (object: object, row: ShapeRow) =>
    `${asciiJson({ ...object, total: row.total, counts: row.counts })}\n`;
  yield line({ name: null }, total);
  for (const row of rows) yield line({ name: row.name }, row);
  if (others !== undefined) yield line({ name: null, others: true }, others);
}

export const qmailQshape: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    const nowMs = system.now();
    const reading = parsed.ok ? readFilter(parsed.line, nowMs) : parsed;
    const wrong = (problem: string) => {
      complain(system, manual.name, `${problem}\n${usage(manual)}`);
      return 100;
    };
    if (!parsed.ok) return wrong(parsed.problem);
    if (!reading.ok) return wrong(reading.problem);
    const { line } = parsed;
    if (line.operands.length > 0) return wrong('it takes no operands');
    if (line.has('by-sender') && line.has('by-host')) return wrong('rows are senders or hosts');
    const key = line.has('by-sender') ? 'sender' : line.has('by-host') ? 'host' : 'domain';
    const queue = openQueue(homeDirectory(system));
    const shape = shapeOf({ queue, key, filter: reading.filter, nowMs });
    queue.close();
    printAll(system, line.has('json') ? jsonLines(shape) : table(shape, key));
    return 0;
  },
};
