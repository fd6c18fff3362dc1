/** qmail-qstat: how many messages are in the queue, for people and for monitors (qmail-qstat(8)). */
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import type { QueueCounts } from '../queue/index.ts';
import { asciiJson, errorText, type System } from '../system/index.ts';
import { formatDuration } from './duration.ts';
import type { Finding } from './monitor.ts';
import { openQueue } from './open-queue.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { findingOf, unknownFinding } from './queue-monitor.ts';
import { readThresholds, thresholdNames, thresholdOptions } from './thresholds.ts';

const manual: Manual = {
  name: 'qmail-qstat',
  section: 8,
  purpose: 'summarise the queue',
  synopsis: [
    '[-l|--json]',
    '[--warn-age TIME] [--crit-age TIME] [--warn-count NUMBER] [--crit-count NUMBER]',
  ],
  description: [
    'qmail-qstat prints two lines: how many messages are in the queue, and how many of them qmail-send has not looked at yet. A message is accepted together with everything that qmail-send needs, so the second number is always 0; the line is there for those who read it.',
    'The numbers are kept by the queue: asking for them takes the same time whatever is in it, and disturbs nobody.',
    'With --warn-age, --crit-age, --warn-count or --crit-count it is a check for a monitor: it prints one line of text with the measures behind a bar, and its exit code says how the queue is. It is WARNING or CRITICAL when the oldest message is older than TIME or the queue holds more than NUMBER messages, as in "qmail-qstat --warn-age 30m --crit-age 2h --warn-count 1000". A TIME is a number with s, m, h, d or w. Messages that an operator holds count as well.',
  ],
  options: [
    {
      letter: 'l',
      name: 'long',
      text: 'Print also how many recipients wait for their first attempt (fresh), for their next one (waiting), for an operator (held) and for their bounce (failed), how many messages are being received, and how old the oldest message is.',
    },
    {
      name: 'json',
      text: 'Print all of this as one JSON object, with the keys messages, fresh, waiting, held, failed, incoming, oldest (when it was accepted, or null) and oldestSeconds (its age, or null).',
    },
    ...thresholdOptions('queue'),
  ],
  environment: [['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The numbers were printed. For a monitor: OK.'],
    ['1', 'For a monitor: WARNING.'],
    ['2', 'For a monitor: CRITICAL.'],
    [
      '3',
      'For a monitor: UNKNOWN, since there is no queue, it may not be read, or a value cannot be understood.',
    ],
    ['100', 'It was called wrongly.'],
    ['111', 'There is no queue, or it may not be read.'],
  ],
  seeAlso: ['qmail-qctl(8)', 'qmail-qread(8)', 'qmail-qshape(8)', 'qmail-send(8)'],
};

function readCounts(system: System): QueueCounts {
  const queue = openQueue(homeDirectory(system));
  try {
    return queue.counts();
  } finally {
    queue.close();
  }
}

function longLines({ fresh, waiting, held, failed, incoming, oldestMs }: QueueCounts, nowMs: number): string {
  const oldest = oldestMs === undefined ? 'none' : formatDuration(nowMs - oldestMs);
  return [
    `recipients fresh: ${fresh}`,
    `recipients waiting: ${waiting}`,
    `recipients held: ${held}`,
    `recipients failed: ${failed}`,
    `messages being received: ${incoming}`,
    `age of the oldest message: ${oldest}`,
    '',
  ].join('\n');
}

function jsonLine({ oldestMs, ...counts }: QueueCounts, nowMs: number): string {
  const oldest =
    oldestMs === undefined
      ? { oldest: null, oldestSeconds: null }
      : {
          oldest: new Date(oldestMs).toISOString(),
          oldestSeconds: Math.max(Math.floor((nowMs - oldestMs) / 1000), 0),
        };
  return `${asciiJson({ ...counts, ...oldest })}\n`;
}

/** A monitor reads descriptor 1 and the exit code, whatever is wrong. */
function monitor(system: System, line: CommandLine): Finding {
  try {
    if (line.operands.length > 0) throw new Error(usage(manual).replaceAll('\n', ', '));
    return findingOf(readCounts(system), readThresholds(line), system.now());
  } catch (error) {
    return unknownFinding(errorText(error));
  }
}

export const qmailQstat: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (parsed.ok && thresholdNames.some((name) => parsed.line.value(name) !== undefined)) {
      const { exit, line } = monitor(system, parsed.line);
      print(system, `${line}\n`);
      return exit;
    }
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    const counts = readCounts(system);
    const nowMs = system.now();
    if (parsed.line.has('json')) {
      print(system, jsonLine(counts, nowMs));
      return 0;
    }
    const classic = `messages in queue: ${counts.messages}\nmessages in queue but not yet preprocessed: 0\n`;
    print(system, parsed.line.has('long') ? classic + longLines(counts, nowMs) : classic);
    return 0;
  },
};
