/**
 * Sends what waits in the spool: the oldest first, several at the same time. Any number of flushes may run at once, and
 * each may be killed at any time: claims.ts says why nothing is sent twice. It ends when nothing waits that it can do
 * something about; with nothing to do it reads one directory.
 */
import { openQmqpRoute } from '../submit/index.ts';
import { type ByteString, errorText, type Network, type System } from '../system/index.ts';
import { createSource } from './claim-source.ts';
import { openClaims, reclaim } from './claims.ts';
import { openHubRest } from './hub-rest.ts';
import { type Look, lookThrough } from './look.ts';
import { createSender, type FlushCounts, type Sender } from './send-stored.ts';
import { spoolPaths, syncDirectory } from './spool-paths.ts';
import type { SpoolSettings } from './spool-settings.ts';
import { writeTally } from './tally.ts';

export interface FlushOptions {
  /** Messages that are on their way at the same time. */
  readonly parallel: number;
  /** Messages that are tried at most. */
  readonly limit: number;
  /** How long to go on while messages wait. */
  readonly waitMs: number;
  /** Asks hubs that rest, too. */
  readonly now: boolean;
  /** Called now and then. */
  progress?(counts: FlushCounts): void;
}

export interface FlushResult extends FlushCounts {
  /** What waits when it ends. */
  readonly waiting: number;
  readonly oldestMs: number | undefined;
  /** What an operator must hear of. */
  readonly problems: readonly string[];
  /** What the hubs said last, when they took nothing. */
  readonly lastAnswer: string | undefined;
}

/** How old a file must be that its sender has left half written. No sender needs longer. */
const abandonedMs = 36 * 3_600_000;

/** Between two tries of a flush that waits. */
const pauseMs = 1000;

/** A name is looked up once in this time. */
const addressMs = 60_000;

/** Every message would ask for the same few names. */
function rememberAddresses(network: Network, monotonic: () => number): Network {
  const known = new Map<
    ByteString,
    { readonly answer: Promise<readonly ByteString[]>; readonly atMs: number }
  >();
  return {
    ...network,
    resolve(name) {
      const found = known.get(name);
      if (found !== undefined && monotonic() - found.atMs < addressMs) return found.answer;
      const answer = network.resolve(name);
      known.set(name, { answer, atMs: monotonic() });
      return answer;
    },
  };
}

function removeAbandoned(system: System, queue: ByteString, { temporary }: Look): readonly string[] {
  return temporary
    .filter(({ beganMs }) => system.now() - beganMs > abandonedMs)
    .map(({ name }) => {
      system.files.unlink(`${queue}/${name}`);
      return `${queue}/${name} was removed: its sender ended before it was written, and reported no success`;
    });
}

/** One pass over what waits. */
async function pass(
  system: System,
  settings: SpoolSettings,
  options: FlushOptions,
  sender: Sender,
  found: Look,
): Promise<readonly string[]> {
  const { queue } = spoolPaths(settings.directory);
  const problems = [...removeAbandoned(system, queue, found)];
  const free = [...found.claimed].flatMap(([flush, names]) => reclaim(system, queue, flush, names));
  const first = [...free, ...found.first.map(({ name }) => name)];
  if (first.length === 0) return problems;
  const claims = openClaims(system, queue);
  const source = createSource(system, queue, claims, sender, options, first);
  try {
    const work = async () => {
      for (let claim = await source.next(); claim !== undefined; claim = await source.next()) {
        await sender.send(claim);
        options.progress?.(sender.counts());
      }
    };
    // What one of them cannot go on for ends the others as well, but each only when its message has been answered.
    const ends = await Promise.allSettled(Array.from({ length: options.parallel }, work));
    await sender.settle();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await source.release();
    claims.close();
    syncDirectory(system, queue);
  }
  return problems;
}

/** Throws when the spool or the configuration cannot be read. */
export async function flushSpool(
  system: System,
  settings: SpoolSettings,
  options: FlushOptions,
): Promise<FlushResult> {
  const { queue, hubs } = spoolPaths(settings.directory);
  const endMs = system.monotonic() + options.waitMs;
  const problems: string[] = [];
  const world: System = { ...system, network: rememberAddresses(system.network, system.monotonic) };
  let sender: Sender | undefined;
  let found = lookThrough(system, queue);
  while (found.count.messages + found.claimed.size + found.temporary.length > 0) {
    if (sender === undefined) {
      const route = openQmqpRoute(world);
      if (!route.ok) throw new Error(route.outcome.answer.text);
      sender = createSender(world, settings, route, openHubRest(system, hubs, options.now));
    }
    problems.push(...(await pass(world, settings, options, sender, found)));
    found = lookThrough(system, queue);
    try {
      writeTally(system, settings.directory, found.count);
    } catch (error) {
      problems.push(`the spool's tally cannot be written: ${errorText(error)}`);
    }
    const leftMs = endMs - system.monotonic();
    if (found.count.messages === 0 || leftMs <= 0 || sender.tried >= options.limit) break;
    await system.pause(Math.min(pauseMs, leftMs));
    sender.startAgain();
  }
  const counts = sender?.counts() ?? { sent: 0, bounced: 0, failed: 0, putOff: 0 };
  return {
    ...counts,
    waiting: found.count.messages,
    oldestMs: found.oldestMs,
    problems: [...problems, ...(sender?.problems ?? [])],
    lastAnswer: sender?.lastAnswer,
  };
}
