/**
 * The scenario on a disk on which one operation goes wrong: the first in the first run, the second in the second, until
 * there are no more. After a fault everything goes on in the same process; when the process has ended with it, the next
 * one must find each message in one state and bring it to its end.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { errorText } from '../../src/system/index.ts';
import { type Arming, type DiskError, type Fault, type FaultyDisk, makeFaultyDisk } from './faulty-disk.ts';
import { HubEnded, type HubProcess, startHubProcess } from './hub-client.ts';
import {
  lookAfterEnd,
  lookAtTheEnd,
  makeHome,
  noScars,
  play,
  recover,
  type Scars,
  type Told,
  toldNothing,
} from './scenario.ts';

export interface EachOperation {
  readonly fault: Exclude<Fault, 'none'>;
  readonly error?: DiskError;
  /** The disk is mended after this time, and everything goes wrong until then. Without it, one operation does. */
  readonly lastingMs?: number;
  /** How many operations are tried, spread over all; every one without it. */
  readonly sample?: number;
}

export interface Tried {
  /** Operations that went wrong, each in a run of its own. */
  readonly runs: number;
  /** Which, and how often, such as "fsync store.sqlite-wal". */
  readonly what: ReadonlyMap<string, number>;
  readonly refusals: number;
  /** Copies that were made twice, since the process ended between a delivery and its record. */
  readonly doubles: number;
}

/**
 * While all operations fail, what is in the mailbox and not yet known to be on the disk cannot be taken back. It is
 * delivered again later, for it must not be lost.
 */
const broken: Scars = { mayBeTwice: () => true, mayBeTorn: true };

const never = Number.MAX_SAFE_INTEGER;

interface Bench {
  readonly disk: FaultyDisk;
  hub: HubProcess;
}

/** Names that differ from run to run are one. */
function kindOf(what: string): string {
  const [operation = '', name = ''] = what.split(' ');
  return `${operation} ${/^\d+\.M/.test(name) ? 'FILE' : /^\d+$/.test(name) ? 'HOME' : name}`;
}

/** How many operations the scenario has when nothing goes wrong. */
async function countOperations({ disk, hub }: Bench, fault: Fault, error: DiskError): Promise<number> {
  const home = `${disk.directory}/0`;
  const told = toldNothing();
  makeHome(home);
  disk.arm({ fault, at: never, error });
  await play(hub, home, told);
  const { seen } = disk;
  disk.mend();
  assert.deepEqual([told.refusals, told.problems], [[], []]);
  lookAtTheEnd(home, told, noScars);
  return seen;
}

function* numbers(total: number, sample: number | undefined): Generator<number> {
  if (sample === undefined) {
    for (let number = 1; ; number += 1) yield number;
  }
  for (let turn = 0; turn < sample; turn += 1) yield 1 + Math.floor(((turn + 0.5) * total) / sample);
}

/** Mends the disk so long after the first operation has gone wrong. Answers how to have it mended at once. */
function mendAfter(disk: FaultyDisk, lastingMs: number): () => void {
  let mending: NodeJS.Timeout | undefined;
  const looking = setInterval(() => {
    if (disk.struck === 0) return;
    clearInterval(looking);
    mending = setTimeout(disk.mend, lastingMs);
  }, 1);
  return () => {
    clearInterval(looking);
    clearTimeout(mending);
    disk.mend();
  };
}

/** One run in which nothing ends the process. */
async function goOn(
  { disk, hub }: Bench,
  home: string,
  told: Told,
  { lastingMs, error }: EachOperation,
): Promise<void> {
  const mend = lastingMs === undefined ? disk.mend : mendAfter(disk, lastingMs);
  try {
    await play(hub, home, told);
  } finally {
    mend();
  }
  lookAtTheEnd(home, told, lastingMs !== undefined && error !== 'ENOSPC' ? broken : noScars);
}

/** One run that ends the process. Answers how many copies may be double. */
async function goOnAfterEnd(bench: Bench, home: string, told: Told): Promise<number> {
  const { disk, hub } = bench;
  // The one that goes on loads meanwhile.
  const next = startHubProcess(disk.env);
  try {
    await play(hub, home, told);
  } catch (error) {
    if (!(error instanceof HubEnded)) throw error;
  }
  if (disk.struck === 0) {
    await next.kill();
    lookAtTheEnd(home, told, noScars);
    return 0;
  }
  assert.equal(await hub.ended, 'SIGKILL');
  disk.mend();
  bench.hub = next;
  const doubles = lookAfterEnd(home, told);
  await recover(next, home, told, doubles);
  return doubles.size;
}

export async function eachOperation(options: EachOperation): Promise<Tried> {
  const { fault, error = 'EIO', lastingMs, sample } = options;
  const disk = makeFaultyDisk();
  const bench: Bench = { disk, hub: startHubProcess(disk.env) };
  const what = new Map<string, number>();
  let runs = 0;
  let doubles = 0;
  let refusals = 0;
  try {
    const total = await countOperations(bench, fault, error);
    for (const at of numbers(total, sample)) {
      const home = `${disk.directory}/${at}`;
      const told = toldNothing();
      makeHome(home);
      const arming: Arming = { fault, at, error, lasting: lastingMs !== undefined };
      disk.arm(arming);
      try {
        if (fault === 'fail') await goOn(bench, home, told, options);
        else doubles += await goOnAfterEnd(bench, home, told);
      } catch (problem) {
        throw new Error(`${fault} ${error} at ${at}, ${disk.what}: ${errorText(problem)}`, {
          cause: problem,
        });
      }
      refusals += told.refusals.length;
      if (disk.struck === 0) break;
      const kind = kindOf(disk.what);
      what.set(kind, (what.get(kind) ?? 0) + 1);
      runs += 1;
      rmSync(home, { recursive: true });
    }
  } finally {
    disk.mend();
    await bench.hub.kill();
  }
  return { runs, what, refusals, doubles };
}
