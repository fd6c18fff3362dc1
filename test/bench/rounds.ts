/**
 * Rounds in which every subject has its turn. The machine's disk and its neighbours change from minute to minute, so
 * subjects are compared within a round, the order changes from round to round, and there is a pause between turns, in
 * which a disk can digest what it was given.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface RoundOptions {
  readonly rounds: number;
  readonly pauseMs: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) throw new Error('there is no median of nothing');
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

/** Runs `turn` for each subject in each round; the values by subject, in the order of the rounds. */
export async function runRounds<Subject, Value>(
  subjects: readonly Subject[],
  { rounds, pauseMs }: RoundOptions,
  turn: (subject: Subject) => Promise<Value>,
): Promise<ReadonlyMap<Subject, readonly Value[]>> {
  const values = new Map<Subject, Value[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = [...subjects.slice(round % subjects.length), ...subjects.slice(0, round % subjects.length)];
    for (const subject of order) {
      values.get(subject)?.push(await turn(subject));
      if (pauseMs > 0) await pause(pauseMs);
    }
  }
  return values;
}
