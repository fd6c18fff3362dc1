/** Stores with something of everything in them, and ways to damage them. */
import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type QueuedRecipient, type Store, storePath } from '../../src/queue/index.ts';
import { temporaryDirectory } from './home.ts';
import { openTestStore, submit } from './open-store.ts';

const attempt = { attempts: 1, triedMs: 1_000, report: 'not now (#4.4.1)\n' };

function first(recipients: readonly QueuedRecipient[] | undefined): QueuedRecipient {
  const [recipient] = recipients ?? [];
  if (recipient === undefined) throw new Error('the message has no recipient');
  return recipient;
}

/** How many messages fill() leaves in a store. */
export const filledMessages = 6;

/**
 * Recipients in every state, a message of several chunks, one whose bounce is due, one that was finished, submissions
 * that are remembered.
 */
async function fill(store: Store, recipientsOf: (message: number) => readonly QueuedRecipient[] | undefined) {
  const text = (name: string) => `Message-ID: <${name}@client.test>\n\n${name}\n`;
  await submit(store, text('fresh'), ['a@hub.test', 'b@hub.test', 'c@hub.test']);
  await submit(store, text('waiting'), ['d@hub.test', 'e@hub.test']);
  await submit(store, text('held'), ['f@hub.test']);
  await submit(store, text('bounce due'), ['g@hub.test']);
  await submit(store, text('partly failed'), ['h@hub.test', 'i@hub.test', 'j@hub.test']);
  await submit(store, text('finished'), ['k@hub.test']);
  await submit(store, `${text('large')}${'x'.repeat(300_000)}\n`, ['l@hub.test']);
  await store.defer(first(recipientsOf(1)), { ...attempt, dueMs: 2_000 });
  await store.steer(first(recipientsOf(2)), 'hold');
  await store.fail(first(recipientsOf(3)), attempt);
  await store.fail(first(recipientsOf(4)), attempt);
  await store.settle(first(recipientsOf(5)));
}

/** The directory of a store that is closed and sound. */
export async function makeFilledStore(): Promise<string> {
  const directory = temporaryDirectory();
  const { store, accepted } = await openTestStore({ directory, memoryMs: 600_000 });
  await fill(store, (message) => accepted[message]?.recipients);
  await store.close();
  return directory;
}

/** A copy of a store that is closed, in a directory of its own. */
export function copyStore(directory: string): string {
  const copy = temporaryDirectory();
  copyFileSync(storePath(directory), storePath(copy));
  return copy;
}

/** Runs SQL on a store, with its schema open to changes. */
export function damage(directory: string, ...statements: readonly string[]): void {
  for (const sql of statements) {
    // A new connection for each: a changed schema is read when a connection opens.
    const database = new DatabaseSync(storePath(directory), { defensive: false });
    try {
      database.exec('PRAGMA writable_schema = ON');
      database.exec(sql);
    } finally {
      database.close();
    }
  }
}

/** What it takes to make changes that an index does not see. */
export function behindIndex(name: string, sql: string): readonly string[] {
  return [
    `CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = '${name}';
     DELETE FROM sqlite_schema WHERE name = '${name}'`,
    sql,
    `INSERT INTO sqlite_schema SELECT * FROM kept`,
    'DROP TABLE kept',
  ];
}
