/** qmail-flush: sends what waits in a satellite's spool (qmail-flush(8)). */
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { directoryIn, readSpoolSettings, type SpoolSettings, spoolDefaults } from '../satellite/index.ts';
import {
  countSpool,
  type FlushCounts,
  type FlushResult,
  flushSpool,
  removalsMax,
  takeDropped,
} from '../satellite/later.ts';
import {
  asciiJson,
  bytesOf,
  errorCode,
  errorText,
  printable,
  type System,
  wholeNumber,
} from '../system/index.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { Finding } from './monitor.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { spoolFinding, unknownSpool } from './spool-monitor.ts';
import { readOption, readThresholds, thresholdOptions } from './thresholds.ts';

const parallelDefault = 20;

/** How many sessions at once are of use to anybody; a hub takes 100 from one address. */
const parallelMax = 1000;

const manual: Manual = {
  name: 'qmail-flush',
  section: 8,
  purpose: 'send what waits in the spool',
  synopsis: [
    '[--parallel NUMBER] [--limit NUMBER] [--max-age TIME] [--wait TIME] [--now] [--json]',
    '--check [--warn-age TIME] [--crit-age TIME] [--warn-count NUMBER] [--crit-count NUMBER]',
  ],
  description: [
    'qmail-flush sends the messages that wait in the directory of control/spool to the hubs of control/qmqpservers, the oldest first and several at the same time, and ends. It is made to be called by cron or a timer, as often as every minute: with nothing to do it reads one directory. Any number of them may run at the same time, and each may be killed at any time: none is in the way of another, and none sends what another is sending.',
    'A hub that cannot be reached rests: for 15 seconds, then twice as long each time, up to 15 minutes. So does one that breaks or puts off ten sessions in a row. What rests is remembered in the spool. When all hubs rest, qmail-flush ends, and the messages wait.',
    'A message that a hub has put off, or over which a session broke, counts as an hour younger each time, so that it does not hold up the others for ever.',
    'When a session breaks after its last byte, nobody knows whether the hub has the message. Its name in the spool says which hub that was, and that hub is asked first. For control/spoolpatience seconds it is offered to no other. A hub remembers what it took for control/submissionmemory seconds, a week by default, if the message has a Message-ID, which sendmail and qmail-inject see to. So each message is taken exactly once as long as the hub that may have it answers within that patience, whatever was killed meanwhile; if it does not, another hub gets the message, and it may arrive twice. It is never lost.',
    'A message that a hub refuses is bounced, and so is one that no hub has taken within control/spoollifetime seconds, if in this run, too, one was asked in vain. A message that came before 2026-11-01 came before the clock of its box was set: its age counts from the first run after that. The bounce takes its place in the spool. The bounce of a bounce goes to control/doublebounceto at control/doublebouncehost. If that is refused, too, or if a file is damaged, it is moved to the directory failed in the spool, where it stays until somebody looks after it; qmail-flush says so on descriptor 2, and --check warns.',
    'First it takes into the spool what users have left in the directory of control/drop, if there is one. That directory must belong to the user of qmail-flush and have mode 1733: everybody may make a file there, and nobody else may list it or touch what is not theirs. Of each complete message there, the owner of the file is named in a Received field that is put on top. What is no message is removed, and so is a file that nobody has completed for a day; qmail-flush says so on descriptor 2. What the spool has no room for stays there, and so does what cannot be removed from there, as where a systemd unit lets qmail-flush write elsewhere only: name the directory in the ReadWritePaths of that unit.',
    'With --check it is a check for a monitor, as qmail-qstat is for a hub: it sends nothing, prints one line, and its exit code says how the spool is. A TIME is a number with s, m, h, d or w.',
    'On a terminal it shows how far it is. Otherwise it prints nothing but what somebody must look after.',
  ],
  options: [
    {
      name: 'parallel',
      value: 'NUMBER',
      text: `Sessions at the same time. Default: ${parallelDefault}, at most ${parallelMax}.`,
    },
    { name: 'limit', value: 'NUMBER', text: 'Try that many messages at most.' },
    { name: 'max-age', value: 'TIME', text: 'What is older is bounced, in place of control/spoollifetime.' },
    {
      name: 'wait',
      value: 'TIME',
      text: 'Go on for that long while messages wait, trying again each second those hubs that do not rest.',
    },
    { name: 'now', text: 'Try the hubs that rest, too.' },
    {
      name: 'json',
      text: 'At the end print an object with sent, bounced, failed (moved to failed), putOff (tried and not taken), waiting (at the end), oldest (of those, when it was kept, or null), answer (the last one of a hub that took nothing, or null) and problems.',
    },
    { name: 'check', text: 'Be a check for a monitor.' },
    ...thresholdOptions('spool'),
  ],
  environment: [['QMAILHOME', 'The directory that holds control/; /var/qmail without it.']],
  controls: [
    ['drop', 'The directory where users leave messages; see qmail-qmqpc(8). Default: none.'],
    ['spool', 'The directory of the spool; see qmail-qmqpc(8). Without it there is nothing to send.'],
    [
      'spoollifetime',
      `Seconds after which a message that no hub takes is bounced. Default: ${spoolDefaults.spoollifetime}.`,
    ],
    [
      'spoolpatience',
      `Seconds for which a message that a hub may have waits for that hub alone; 0 to ask the others at once. Default: ${spoolDefaults.spoolpatience}.`,
    ],
    ['qmqpservers', 'The hubs; see qmail-qmqpc(8), which reads the same files for the time limits.'],
    ['bouncefrom', 'The user name that bounces come from. Default: MAILER-DAEMON.'],
    ['bouncehost', 'The host name that bounces come from. Default: me.'],
    ['bouncemaxbytes', 'Of a larger message a bounce returns the header alone. Default: 65536.'],
    ['doublebounceto', 'The user who gets bounces of bounces. Default: postmaster.'],
    ['doublebouncehost', 'The host of that user. Default: me.'],
  ],
  exitCodes: [
    ['0', 'Nothing waits any more. For a monitor: OK.'],
    ['1', 'For a monitor: WARNING; also when a message was set aside.'],
    ['2', 'For a monitor: CRITICAL.'],
    ['3', 'For a monitor: UNKNOWN, since there is no spool or it cannot be read.'],
    ['100', 'It was called wrongly.'],
    ['111', 'Messages wait still, or the spool or a control file cannot be read.'],
  ],
  limits: [
    ['messages that a hub has taken and that are being removed', `${removalsMax} at the same time`],
    ['messages tried in vain', '10000 in one run; it ends then'],
    ['messages taken from the directory of control/drop', '100000 in one run'],
  ],
  bugs: [
    'Any user can fill the disk of the directory of control/drop: give it one of its own, or quotas. --check does not look into it.',
    'A message that was taken from there when the power failed may be taken again. The bytes are the same both times, so that a hub which remembers what it took takes it once.',
    'A message without a Message-ID may be taken twice when a session breaks after its last byte, or when qmail-flush is killed or the power fails while it removes what a hub has taken: no hub can tell it from another.',
  ],
  seeAlso: ['mailq(1)', 'sendmail(1)', 'qmail-qmqpc(8)', 'qmail-qstat(8)'],
};

const exitDone = 0;
const exitUsage = 100;
const exitWaiting = 111;

/** Progress is shown that often. */
const progressMs = 200;

function jsonLine({ oldestMs, lastAnswer, ...result }: FlushResult): string {
  const oldest = oldestMs === undefined ? null : new Date(oldestMs).toISOString();
  return `${asciiJson({ ...result, oldest, answer: lastAnswer ?? null })}\n`;
}

function progressText({ sent, bounced, failed, putOff }: FlushCounts): string {
  const set = failed > 0 ? `, ${failed} set aside` : '';
  return `${sent} sent, ${bounced} bounced, ${putOff} put off${set}`;
}

/** One line, written again and again; undefined where nobody looks. */
function createProgress(system: System): ((counts: FlushCounts) => void) | undefined {
  if (!system.files.isTerminal(2)) return undefined;
  let shownMs = system.monotonic();
  return (counts) => {
    if (system.monotonic() - shownMs < progressMs) return;
    shownMs = system.monotonic();
    system.files.write(2, bytesOf(`\r${progressText(counts)} `));
  };
}

function summary(system: System, result: FlushResult): string {
  const { waiting, oldestMs, lastAnswer } = result;
  const age = oldestMs === undefined ? '' : `, the oldest ${formatDuration(system.now() - oldestMs)} old`;
  const said = waiting > 0 && lastAnswer !== undefined ? `\n${printable(lastAnswer)}` : '';
  return `\r${progressText(result)}; ${waiting} waiting${age}${said}\n`;
}

async function flush(system: System, line: CommandLine, settings: SpoolSettings): Promise<number> {
  const progress = line.has('json') ? undefined : createProgress(system);
  const maxAgeMs = readOption(line, 'max-age', 'a time', parseDuration);
  const parallel = readOption(line, 'parallel', 'a number', wholeNumber) ?? parallelDefault;
  const dropped = takeDropped(system, settings);
  for (const problem of dropped.problems) complain(system, manual.name, printable(problem));
  const result = await flushSpool(
    system,
    { ...settings, lifetimeMs: maxAgeMs ?? settings.lifetimeMs },
    {
      parallel: Math.min(Math.max(parallel, 1), parallelMax),
      limit: readOption(line, 'limit', 'a number', wholeNumber) ?? Number.POSITIVE_INFINITY,
      waitMs: readOption(line, 'wait', 'a time', parseDuration) ?? 0,
      now: line.has('now'),
      ...(progress === undefined ? {} : { progress }),
    },
  );
  for (const problem of result.problems) complain(system, manual.name, printable(problem));
  if (line.has('json')) print(system, jsonLine(result));
  else if (progress !== undefined) system.files.write(2, bytesOf(summary(system, result)));
  return result.waiting === 0 && !dropped.left ? exitDone : exitWaiting;
}

/** A monitor reads descriptor 1 and the exit code, whatever is wrong. */
function check(system: System, line: CommandLine): Finding {
  try {
    const settings = readSpoolSettings(system);
    if (settings === undefined) return unknownSpool('there is no control/spool');
    return spoolFinding(countSpool(system, settings), readThresholds(line), system.now());
  } catch (error) {
    return unknownSpool(errorText(error));
  }
}

function wrong(system: System, problem: string): number {
  complain(system, manual.name, `${problem}\n${usage(manual)}`.trimStart());
  return exitUsage;
}

/** Whether this process could take what users leave: one of theirs, as sendmail -q is, cannot even look. */
function ownsDrop(system: System): boolean {
  const drop = directoryIn(system, 'drop');
  if (drop === undefined) return false;
  try {
    system.files.visit(drop, () => {});
    return true;
  } catch (error) {
    if (errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

export const qmailFlush: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) return wrong(system, parsed.problem);
    const { line } = parsed;
    if (line.operands.length > 0) return wrong(system, '');
    if (line.has('check')) {
      const { exit, line: says } = check(system, line);
      print(system, `${says}\n`);
      return exit;
    }
    try {
      readOption(line, 'max-age', 'a time', parseDuration);
      readOption(line, 'wait', 'a time', parseDuration);
      for (const name of ['parallel', 'limit']) readOption(line, name, 'a number', wholeNumber);
    } catch (error) {
      return wrong(system, errorText(error));
    }
    try {
      const settings = readSpoolSettings(system);
      if (settings !== undefined) return await flush(system, line, settings);
      if (!ownsDrop(system)) return exitDone;
      complain(system, manual.name, 'control/drop without control/spool: nobody takes what is left there');
      return exitWaiting;
    } catch (error) {
      complain(system, manual.name, printable(errorText(error)));
      return exitWaiting;
    }
  },
};
