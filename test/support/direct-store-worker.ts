/**
 * The store's work without a thread: the same writer and the same group commit, in the process of the test, which can
 * have transactions refused and can end the "process" before or after any of them.
 */
import { createGroupCommit, type GroupCommit } from '../../src/queue/group-commit.ts';
import type { FromStoreWorker, ToStoreWorker } from '../../src/queue/operation.ts';
import type { StartStoreWorker } from '../../src/queue/store-thread.ts';
import { openWriter, startWriter, type Writer } from '../../src/queue/writer.ts';

export interface DirectStoreWorker {
  /** For openStore. */
  readonly start: StartStoreWorker;
  /** Turns of the event loop between a commit and its answer. */
  answerTurns: number;
  /** Whether nothing waits to be committed or answered. */
  readonly isIdle: boolean;
  /** Whether the process has ended: nothing is answered any more. */
  readonly isDead: boolean;
  /** Transactions that the store refuses from now on. */
  refusals: number;
  /** Ends the process with the transaction after so many more, before it is committed or just after that. */
  endAfter(transactions: number, when: 'before' | 'after'): void;
  /** Ends the process now. */
  end(): void;
  /** Gives free pages back, as the thread does between transactions. */
  compact(): void;
}

export function directStoreWorker(): DirectStoreWorker {
  const waiting: ToStoreWorker[] = [];
  const answers: FromStoreWorker[] = [];
  let writer: Writer | undefined;
  let group: GroupCommit | undefined;
  let say: (message: FromStoreWorker) => void = () => undefined;
  let isDead = false;
  let isReady = false;
  let fuse: { transactions: number; readonly when: 'before' | 'after' } | undefined;

  /** The real writer, whose commits can be refused or be the last thing that happens. */
  function fragile(real: Writer): Writer {
    return {
      ...real,
      commit() {
        if (isDead) throw new Error('the process has ended');
        if (worker.refusals > 0) {
          worker.refusals -= 1;
          throw new Error('disk I/O error');
        }
        const burnt = isReady && fuse !== undefined && fuse.transactions <= 0 ? fuse.when : undefined;
        if (fuse !== undefined && isReady) fuse.transactions -= 1;
        if (burnt !== undefined) isDead = true;
        if (burnt === 'before') throw new Error('the process has ended');
        real.commit();
      },
    };
  }

  /** Answers come in their order, and those of a process that has ended not at all. */
  function answer(message: FromStoreWorker): void {
    answers.push(message);
    let turns = worker.answerTurns;
    const deliver = () => {
      turns -= 1;
      if (turns >= 0) {
        setImmediate(deliver);
        return;
      }
      const next = answers.shift();
      if (next !== undefined && (!isDead || next.kind === 'closed')) say(next);
    };
    deliver();
  }

  function work(path: string): void {
    const message = waiting.shift();
    if (message === undefined || writer === undefined) return;
    if (message.kind === 'close') {
      writer.close();
      writer = undefined;
      answer({ kind: 'closed' });
      return;
    }
    if (isDead) return;
    group ??= createGroupCommit(writer, path);
    group.add(message.batches);
    for (let results = group.commit(); results !== undefined && !isDead; results = group.commit()) {
      answer({ kind: 'results', results, durationMs: 0 });
    }
  }

  const worker: DirectStoreWorker = {
    start: (path) => {
      writer = fragile(openWriter(path));
      const ready = startWriter(writer);
      isReady = true;
      return {
        post(message, transfer) {
          waiting.push(structuredClone(message, { transfer }));
          setImmediate(work, path);
        },
        listen(onMessage) {
          say = onMessage;
          say({ kind: 'ready', ready });
        },
      };
    },
    get isIdle() {
      return waiting.length + answers.length === 0;
    },
    get isDead() {
      return isDead;
    },
    answerTurns: 0,
    refusals: 0,
    endAfter(transactions, when) {
      fuse = { transactions, when };
    },
    end() {
      isDead = true;
    },
    compact() {
      writer?.compact(false);
      writer?.checkpoint();
    },
  };
  return worker;
}
