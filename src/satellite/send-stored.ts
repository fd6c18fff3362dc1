/** What a flush does with one message that it has claimed, and what it learns from that for the others. */
import type { Attempt } from '../../qmqp/index.ts';
import { queueExit } from '../mail/index.ts';
import type { Offered, QmqpRoute } from '../submit/index.ts';
import { errorCode, errorText, type System } from '../system/index.ts';
import { type Claim, clockSetMs } from './claims.ts';
import type { Entry } from './entry-name.ts';
import type { HubRest } from './hub-rest.ts';
import { createRemovals } from './removals.ts';
import { bounceOrSetAside, setAside } from './spool-bounce.ts';
import type { SpoolSettings } from './spool-settings.ts';
import { isWhole, openStored, packageBuffer } from './stored-package.ts';

/** Messages that one pass remembers as tried in vain: with more of them something else is wrong. */
const putOffMax = 10_000;

/** Messages that a hub has taken and that are still being removed. */
export const removalsMax = 64;

/** Problems that are told one by one. */
const problemsMax = 100;

export interface FlushCounts {
  readonly sent: number;
  readonly bounced: number;
  /** Moved to SPOOL/failed. */
  readonly failed: number;
  /** Tried, and waiting still. */
  readonly putOff: number;
}

export interface Sender {
  /** Sends a message, bounces it or gives it back. Never rejects. What was taken may still be there for a moment ... */
  send(claim: Claim): Promise<void>;
  /** ... until this has returned. */
  settle(): Promise<void>;
  isExpired(entry: Entry): boolean;
  /** Where the next message goes, as far as that can be known. */
  likelyPlaces(): readonly string[];
  /** A hub has taken a message. */
  readonly isTaking: boolean;
  /** No hub can be reached, or all of them rest. */
  readonly isHalted: boolean;
  /** So many were put off that it is better to end. */
  readonly isFull: boolean;
  /** Ids of messages that were tried in vain. */
  readonly putOff: ReadonlySet<string>;
  readonly tried: number;
  counts(): FlushCounts;
  readonly problems: readonly string[];
  readonly lastAnswer: string | undefined;
  /** Another pass: all that waits may be tried again. */
  startAgain(): void;
}

/** Whether a hub has said anything, or has broken a session. */
function hasReached({ outcome }: Attempt): boolean {
  return outcome.kind === 'answered' || outcome.kind === 'broken';
}

/** Places where the session broke behind the last byte. */
function brokenPlaces(attempts: readonly Attempt[]): readonly string[] {
  return attempts.flatMap(({ place, outcome }) =>
    place !== undefined && outcome.kind === 'broken' && outcome.sent ? [place] : [],
  );
}

export function createSender(
  system: System,
  settings: SpoolSettings,
  route: QmqpRoute & { readonly ok: true },
  rest: HubRest,
): Sender {
  const { directory, lifetimeMs, patienceMs } = settings;
  const putOff = new Set<string>();
  const problems: string[] = [];
  const removals = createRemovals(system, removalsMax);
  /** A buffer for each message that is on its way, used again by the next one. */
  const buffers: Uint8Array[] = [];
  let likely: string | undefined;
  let isTaking = false;
  let isHalted = false;
  let hasAsked = false;
  let lastAnswer: string | undefined;
  let sent = 0;
  let bounced = 0;
  let failed = 0;
  let tried = 0;

  /** A clock that was set may have made it old at once: in this run, too, a hub must have been asked in vain. */
  const isExpired = ({ arrivedMs }: Entry) =>
    hasAsked && arrivedMs >= clockSetMs && system.now() - arrivedMs > lifetimeMs;

  const mayWait = ({ unknownAt, unknownSinceMs }: Entry) =>
    patienceMs > 0 && (unknownAt.length === 0 || system.now() - unknownSinceMs < patienceMs);

  function tell(problem: string): void {
    if (problems.length < problemsMax) problems.push(problem);
  }

  async function offer(claim: Claim): Promise<Offered> {
    const { entry } = claim;
    const buffer = buffers.pop() ?? packageBuffer(system);
    const stored = openStored(system, claim.path(), buffer);
    try {
      return await route.offer(stored.pack, {
        unknownAt: entry.unknownAt,
        alone: mayWait(entry),
        enter(place, attempts) {
          if (rest.isResting(place)) return false;
          likely = place;
          claim.mark(
            attempts.length + entry.unknownAt.length === 0
              ? [place]
              : [...new Set([...entry.unknownAt, ...brokenPlaces(attempts), place])],
          );
          return true;
        },
      });
    } finally {
      stored.close();
      buffers.push(buffer);
    }
  }

  function taken(): void {
    sent += 1;
  }

  function giveBack(claim: Claim, triesMore: number, unknownAt: readonly string[]): void {
    putOff.add(claim.entry.id);
    claim.release(claim.entry.tries + triesMore, unknownAt);
  }

  function bounce(claim: Claim, report: string): void {
    const result = bounceOrSetAside(system, directory, claim, report);
    if (result.kind === 'bounced') {
      bounced += 1;
    } else {
      failed += 1;
      tell(result.said);
    }
  }

  function notTaken(claim: Claim, offered: Offered | undefined): void {
    const { entry } = claim;
    if (offered?.outcome.exitCode === queueExit.readError) throw new Error(offered.outcome.answer.text);
    if (isExpired(entry)) {
      const last = offered?.outcome.answer.text ?? lastAnswer ?? 'no hub can be reached';
      bounce(
        claim,
        `No hub has taken this message within ${lifetimeMs / 1000} seconds (#4.4.7). Last: ${last}`,
      );
      return;
    }
    const unknownAt = offered?.unknownAt ?? entry.unknownAt;
    giveBack(claim, offered?.attempts.some(hasReached) === true ? 1 : 0, unknownAt);
  }

  /** Without one session, and not because it waits for one hub alone, the next message would fare no better. */
  function learn({ attempts, outcome }: Offered, entry: Entry): void {
    rest.note(attempts);
    hasAsked ||= attempts.length > 0;
    if (outcome.answer.verdict === 'Z' && attempts.length > 0) lastAnswer = outcome.answer.text;
    if (attempts.some(hasReached) || outcome.exitCode === queueExit.readError) return;
    if (entry.unknownAt.length === 0 || !mayWait(entry)) isHalted = true;
  }

  /** Answers what to wait for before another message is sent. */
  function conclude(claim: Claim, offered: Offered | undefined): Promise<void> | undefined {
    if (offered === undefined) {
      notTaken(claim, undefined);
      return undefined;
    }
    learn(offered, claim.entry);
    switch (offered.outcome.answer.verdict) {
      case 'K':
        isTaking = true;
        return removals.add({ remove: claim.remove, done: taken, failed: (error) => recover(claim, error) });
      case 'D':
        bounce(claim, offered.outcome.answer.text);
        return undefined;
      case 'Z':
        notTaken(claim, offered);
        return undefined;
    }
  }

  function isGone(claim: Claim): boolean {
    try {
      system.files.status(claim.path());
      return false;
    } catch (error) {
      return errorCode(error) === 'ENOENT';
    }
  }

  /** Only what could be read is damaged: without a free descriptor, say, a file looks like nothing at all. */
  function isDamaged(claim: Claim): boolean {
    try {
      return !isWhole(system, claim.path());
    } catch {
      // The error that led here is told.
      return false;
    }
  }

  /** What cannot be read, written or renamed. It may be damaged, and somebody may have taken it out of the spool. */
  function recover(claim: Claim, error: unknown): void {
    if (isGone(claim)) return;
    try {
      if (!isDamaged(claim)) {
        tell(`${claim.path()} waits for the next flush: ${errorText(error)}`);
        giveBack(claim, 1, claim.marked());
      } else {
        tell(setAside(system, directory, claim, `it is damaged: ${errorText(error)}`));
        failed += 1;
      }
    } catch (worse) {
      // It stays claimed; the next flush gives it back.
      putOff.add(claim.entry.id);
      tell(`${claim.path()}: ${errorText(worse)}`);
    }
  }

  return {
    isExpired,
    putOff,
    problems,
    likelyPlaces: () => (likely === undefined || rest.isResting(likely) ? [] : [likely]),
    get isTaking() {
      return isTaking;
    },
    get isHalted() {
      return isHalted;
    },
    get isFull() {
      return putOff.size >= putOffMax;
    },
    get tried() {
      return tried;
    },
    get lastAnswer() {
      return lastAnswer;
    },
    counts: () => ({ sent, bounced, failed, putOff: putOff.size }),
    settle: removals.settle,
    startAgain() {
      putOff.clear();
      isHalted = false;
    },
    async send(claim) {
      tried += 1;
      try {
        await conclude(claim, isHalted ? undefined : await offer(claim));
      } catch (error) {
        recover(claim, error);
      }
    },
  };
}
