/** Runs a hub until a signal ends it: what qmail-send and qmail-start --embedded have in common. */
import type { CommandLine, OptionManual } from '../manual/index.ts';
import { openLineLog } from '../process/index.ts';
import { classicLines, jsonLine, type Report, type SendEvent } from '../send/index.ts';
import {
  type ListenAddress,
  listenAddressText,
  listenMetrics,
  type MetricsListener,
  parseListenAddress,
  qmqpAddressText,
  serviceAddressText,
} from '../serve/index.ts';
import { errorText, type System } from '../system/index.ts';
import type { Hub, HubOptions } from './hub.ts';

export interface HubRun {
  readonly system: System;
  readonly log: LogForm;
  readonly metrics: ListenAddress | undefined;
  /** Starts the hub, which reports what happens, and says so when its queue is lost. */
  readonly start: (reporting: Pick<HubOptions, 'report' | 'onLost'>) => Promise<Hub>;
  /** Resolves when the hub is to end, besides on SIGTERM and SIGINT. */
  readonly until?: Promise<void>;
}

export type LogForm = 'classic' | 'json';

/** Options that every program has that runs a hub. */
export const hubOptions: readonly OptionManual[] = [
  {
    name: 'log',
    value: 'FORM',
    text: 'classic: the lines of qmail-log(5), the default. json: one JSON object a line.',
  },
  {
    name: 'metrics',
    value: 'ADDRESS:PORT',
    text: 'Answer GET /metrics there, in the text format of Prometheus; port 0 takes a free one.',
  },
];

export type HubOptionValues =
  | { readonly ok: true; readonly log: LogForm; readonly metrics: ListenAddress | undefined }
  | { readonly ok: false; readonly problem: string };

export function readHubOptions(line: CommandLine): HubOptionValues {
  const log = line.value('log') ?? 'classic';
  if (log !== 'classic' && log !== 'json') return { ok: false, problem: `${log} is no form of the log` };
  const where = line.value('metrics');
  const metrics = where === undefined ? undefined : parseListenAddress(where);
  if (where !== undefined && metrics === undefined)
    return { ok: false, problem: `${where} is no ADDRESS:PORT` };
  return { ok: true, log, metrics };
}

const logDescriptor = 1;

const exitTemporary = 111;

/** Deliveries wait for the disk on these threads, and their number limits how many do so at the same time. */
const diskThreads = 24;

/**
 * By how many percent the heap grows before it is cleared. What is of no use after a moment is mail on its way through:
 * it would otherwise fill tens of megabytes.
 */
const heapGrowth = 50;

/** What spells an event in a form of the log. */
export function eventLines({
  log,
  system,
}: Pick<HubRun, 'log' | 'system'>): (event: SendEvent) => readonly string[] {
  if (log === 'json') return (event) => [jsonLine(event, system.now())];
  const own = String(system.uid);
  const uidOf = (caller: string) => (Number.isNaN(Number(caller)) ? own : caller);
  return (event) => classicLines(event, uidOf);
}

/** The exit code: 0 after SIGTERM or SIGINT, 111 when the queue is lost. */
export async function runHub(run: HubRun): Promise<number> {
  // The thread pool is made at its first use and reads this then.
  process.env['UV_THREADPOOL_SIZE'] ??= String(diskThreads);
  process.getBuiltinModule('node:v8').setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  // Nobody but this user reads the queue and the mailboxes.
  process.umask(0o077);
  const linesOf = eventLines(run);
  const lines = openLineLog(logDescriptor, (text) => linesOf({ event: 'warning', text }));
  const report: Report = (event) => {
    for (const text of linesOf(event)) lines.line(text);
  };
  // The lines of qmail-log(5) have no notice for it, and scripts look for it at the start of a line.
  const listening = (where: string) => {
    const text = `listening ${where}`;
    if (run.log === 'json') report({ event: 'notice', text });
    else lines.line(text);
  };
  const ended = Promise.withResolvers<Error | undefined>();
  let hub: Hub | undefined;
  let metrics: MetricsListener | undefined;
  // Asking again does not hurt: what runs is finished all the same.
  process.on('SIGTERM', () => ended.resolve(undefined));
  process.on('SIGINT', () => ended.resolve(undefined));
  run.until?.then(() => ended.resolve(undefined));
  // A hub that has not started yet will read everything anyhow.
  process.on('SIGHUP', () => hub?.reload());
  process.on('SIGALRM', () => hub?.retryNow());
  try {
    hub = await run.start({ report, onLost: ended.resolve });
    for (const address of hub.addresses) listening(qmqpAddressText(address));
    for (const address of hub.services) listening(serviceAddressText(address));
    if (run.metrics !== undefined) {
      metrics = await listenMetrics({ ...run.metrics, log: (text) => report({ event: 'warning', text }) });
      listening(`metrics ${listenAddressText(metrics.address)}`);
    }
    const loss = await ended.promise;
    if (loss !== undefined) throw loss;
    await metrics?.close();
    await hub.stop();
    return 0;
  } catch (error) {
    report({ event: 'alert', text: `cannot go on: ${errorText(error)}` });
    return exitTemporary;
  } finally {
    await lines.flush();
  }
}
