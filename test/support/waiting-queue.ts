/** A home whose queue holds two messages, as the programs that look at a queue find it. */

import { temporaryHome } from './home.ts';
import { openTestStore, submit } from './open-store.ts';

export const birthMs = Date.UTC(2026, 10, 5, 8, 44, 38);

export const nextMs = birthMs + 400_000;

export interface WaitingQueue {
  readonly home: string;
  /** Ends the store's process side, as when the hub is down. */
  close(): Promise<void>;
}

/**
 * The first message is for joe, who was not tried yet, and for a remote recipient that was; the second has an odd
 * sender.
 */
export async function openWaitingQueue(): Promise<WaitingQueue> {
  const home = temporaryHome();
  const { store } = await openTestStore({ directory: `${home}/queue`, now: () => birthMs });
  await submit(store, 'Subject: x\n\nbody\n', ['joe@ref.test', 'far@elsewhere.example'], 's@x.y');
  await submit(store, 'two\n', ['root%ref.test@ref.test'], 'a\nb\xe9@x.y');
  const first = [...store.messages()][0];
  const [, far] = first === undefined ? [] : [...store.recipients(first.id)];
  if (far === undefined) throw new Error('the first message is not in the queue');
  await store.defer(far, { attempts: 2, dueMs: nextMs, report: 'no such route\nas yet (#4.4.4)\n' });
  return { home, close: () => store.close() };
}
