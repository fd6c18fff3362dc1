/** How many messages and recipients there are in each state: changed by each operation, written once a transaction. */
import type { DatabaseSync } from 'node:sqlite';
import { recipientState } from './schema.ts';

export interface Tally {
  messages(change: number): void;
  recipients(state: number, change: number): void;
  /** Writes what has changed since the last time; part of the transaction. */
  flush(): void;
  /** Forgets what has changed: the transaction is rolled back. */
  reset(): void;
}

const columns = ['messages', 'fresh', 'waiting', 'held', 'failed'] as const;

/** Where a state's count stands among the columns. */
const columnOf: Readonly<Record<number, number>> = {
  [recipientState.fresh]: 1,
  [recipientState.waiting]: 2,
  [recipientState.held]: 3,
  [recipientState.failed]: 4,
};

export function openTally(database: DatabaseSync): Tally {
  const update = database.prepare(
    `UPDATE tally SET ${columns.map((column) => `${column} = ${column} + ?`).join(', ')}`,
  );
  let changes = columns.map(() => 0);

  function change(column: number, by: number): void {
    changes[column] = (changes[column] ?? 0) + by;
  }

  function reset(): void {
    changes = columns.map(() => 0);
  }

  return {
    messages: (by) => change(0, by),
    recipients(state, by) {
      const column = columnOf[state];
      if (column === undefined) throw new Error(`a recipient has the unknown state ${state}`);
      change(column, by);
    },
    flush() {
      if (changes.some((by) => by !== 0)) update.run(...changes);
      reset();
    },
    reset,
  };
}
