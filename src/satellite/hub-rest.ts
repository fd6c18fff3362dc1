/**
 * Which hubs are left alone for a while. A hub that cannot be reached, or that breaks or puts off one session after the
 * other, rests, each time twice as long; that it answered ends this. The files SPOOL/hubs/ADDRESS:PORT remember it for
 * the flushes that come after:
 *
 *     rest = failures " " until LF    ; how often in a row, and milliseconds since 1970
 */
import type { Attempt } from '../../qmqp/index.ts';
import { readWhole } from '../control/index.ts';
import { type ByteString, bytesOf, errorCode, type System } from '../system/index.ts';
import { newId } from './entry-name.ts';
import { giveToOwner } from './spool-owner.ts';

const restMsMin = 15_000;
const restMsMax = 900_000;

/** Sessions in a row that a hub may break or put off before it rests: one message may be at fault for some of them. */
const strikesMax = 10;

const fileMode = 0o600;

const failuresMax = 30;

interface State {
  readonly failures: number;
  readonly untilMs: number;
  readonly strikes: number;
}

export interface HubRest {
  isResting(place: string): boolean;
  /** Learns from what happened at the places. */
  note(attempts: readonly Attempt[]): void;
}

function parseState(text: ByteString): State | undefined {
  const [failures, untilMs] = text.trim().split(' ').map(Number);
  if (!Number.isSafeInteger(failures) || !Number.isSafeInteger(untilMs)) return undefined;
  return { failures: Math.min(failures ?? 0, failuresMax), untilMs: untilMs ?? 0, strikes: 0 };
}

/** `fresh`: what is remembered is not heeded. */
export function openHubRest(system: System, directory: ByteString, fresh: boolean): HubRest {
  const { files } = system;
  const states = new Map<string, State>();
  try {
    if (!fresh) {
      for (const place of files.list(directory)) {
        const state = parseState(readWhole(system, `${directory}/${place}`) ?? '');
        if (state !== undefined) states.set(place, state);
      }
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }

  /** It is only advice for others: a disk that is full is no reason to stop. */
  function remember(place: string, change: (path: ByteString) => void): void {
    try {
      change(`${directory}/${place}`);
    } catch {
      // What this flush knows stays true for itself.
      return;
    }
  }

  function fail(place: string, failures: number): void {
    const ms = Math.min(restMsMin * 2 ** (failures - 1), restMsMax);
    const untilMs = Math.floor(system.now() + ms);
    states.set(place, { failures, untilMs, strikes: 0 });
    remember(place, (path) => {
      const temporary = `${directory}/.${newId(system.random)}`;
      const descriptor = files.open(temporary, 'create', fileMode);
      try {
        giveToOwner(system, descriptor, directory);
        files.write(descriptor, bytesOf(`${failures} ${untilMs}\n`));
      } finally {
        files.close(descriptor);
      }
      files.rename(temporary, path);
    });
  }

  function recover(place: string): void {
    if (!states.delete(place)) return;
    remember(place, (path) => files.unlink(path));
  }

  function isResting(place: string): boolean {
    const left = (states.get(place)?.untilMs ?? 0) - system.now();
    // One that is longer than any was written by a clock that went back since.
    return left > 0 && left <= restMsMax;
  }

  function learn({ place, outcome }: Attempt): void {
    if (place === undefined) return;
    const { failures = 0, strikes = 0, untilMs = 0 } = states.get(place) ?? {};
    if (outcome.kind === 'answered' && outcome.answer.verdict !== 'Z') {
      recover(place);
    } else if (isResting(place)) {
      // What ran at the same time says nothing new.
      return;
    } else if (outcome.kind === 'answered' || outcome.kind === 'broken') {
      if (strikes + 1 >= strikesMax) fail(place, Math.min(failures + 1, failuresMax));
      else states.set(place, { failures, untilMs, strikes: strikes + 1 });
    } else if (outcome.kind !== 'no-socket') {
      fail(place, Math.min(failures + 1, failuresMax));
    }
  }

  return {
    isResting,
    note(attempts) {
      for (const attempt of attempts) learn(attempt);
    },
  };
}
