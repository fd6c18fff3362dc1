/** The walk through the store, on tables full of rows that anything could have written. */
import { deepStrictEqual } from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '../../src/queue/finding.ts';
import { createRepairer } from '../../src/queue/repair.ts';
import { keysPerMessage, prepareSchema, recipientState } from '../../src/queue/schema.ts';
import { type Walked, walkStore } from '../../src/queue/walk.ts';

const messageBytes = 3;

interface Rows {
  readonly messages: readonly { readonly id: number; readonly open: number; readonly failed: number }[];
  readonly recipients: readonly { readonly owner: number; readonly index: number; readonly state: number }[];
  readonly chunks: readonly { readonly owner: number; readonly index: number }[];
  readonly incoming: readonly number[];
}

const small = { min: 1, max: 4 };
const key = { owner: fc.integer(small), index: fc.integer({ min: 0, max: 3 }) };
const keyOf = ({ owner, index }: { owner: number; index: number }) => owner * keysPerMessage + index;

const anyRows: fc.Arbitrary<Rows> = fc.record({
  messages: fc.uniqueArray(
    fc.record({
      id: fc.integer(small),
      open: fc.integer({ min: 0, max: 2 }),
      failed: fc.integer({ min: 0, max: 1 }),
    }),
    { selector: ({ id }) => id },
  ),
  recipients: fc.uniqueArray(fc.record({ ...key, state: fc.integer({ min: 0, max: 4 }) }), {
    selector: keyOf,
  }),
  chunks: fc.uniqueArray(fc.record(key), { selector: keyOf }),
  incoming: fc.uniqueArray(fc.integer(small)),
});

function makeStore(rows: Rows): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  prepareSchema(database, 'the test');
  const run = (sql: string, ...values: (number | Uint8Array)[]) => database.prepare(sql).run(...values);
  for (const { id, open, failed } of rows.messages) {
    run(`INSERT INTO message VALUES (?, 0, '', '', x'', ${messageBytes}, x'', ?, ?)`, id, open, failed);
  }
  for (const recipient of rows.recipients) {
    run(`INSERT INTO recipient VALUES (?, x'61', ?, 0, 0, 0, 0, x'')`, keyOf(recipient), recipient.state);
  }
  for (const chunk of rows.chunks) run(`INSERT INTO chunk VALUES (?, x'61')`, keyOf(chunk));
  for (const id of rows.incoming) run('INSERT INTO incoming VALUES (?)', id);
  return database;
}

function walk(database: DatabaseSync): { readonly findings: readonly Finding[]; readonly walked: Walked } {
  const findings: Finding[] = [];
  const walking = walkStore(database);
  for (;;) {
    const next = walking.next();
    if (next.done) return { findings, walked: next.value };
    findings.push(next.value);
  }
}

test('what it counts is what is there', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const database = makeStore(rows);
      const { walked, findings } = walk(database);
      const existing = new Set(rows.messages.map(({ id }) => id));
      const finished = findings.filter(({ repair }) => repair?.kind === 'deleteMessage').length;
      const owned = rows.recipients.filter(({ owner }) => existing.has(owner));
      const inState = (...states: number[]) => owned.filter(({ state }) => states.includes(state)).length;
      deepStrictEqual(walked, {
        messages: existing.size - finished,
        states: { fresh: inState(0), waiting: inState(1, 4), held: inState(2), failed: inState(3) },
        incoming: rows.incoming.filter((id) => !existing.has(id)).length,
        lastId: Math.max(0, ...existing, ...rows.incoming),
      });
      database.close();
    }),
  );
});

test('one round of repairs leaves only what cannot be repaired, and that as it was', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const database = makeStore(rows);
      const before = walk(database);
      const repairer = createRepairer(database, 7);
      for (const { repair } of before.findings) if (repair !== undefined) repairer.repair(repair);
      repairer.commit();
      const after = walk(database);
      const texts = (findings: readonly Finding[]) => findings.map(({ text }) => text);
      const unrepairable = before.findings.filter(({ repair }) => repair === undefined);
      // A message that is gone needs its bytes no more.
      const gone = before.findings.flatMap(({ repair }) =>
        repair?.kind === 'deleteMessage' ? [repair.messageId] : [],
      );
      const expected = texts(unrepairable).filter(
        (text) => !gone.some((id) => text.startsWith(`message ${id} `)),
      );
      deepStrictEqual(texts(after.findings), expected);
      deepStrictEqual(after.walked.states, before.walked.states);
      deepStrictEqual(after.walked.messages, before.walked.messages);
      database.close();
    }),
  );
});

test('a store in which everything fits has no findings', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 50 })),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }),
      (ids, states) => {
        const failed = states.filter((state) => state === recipientState.failed).length;
        const database = makeStore({
          messages: ids.map((id) => ({ id, open: states.length - failed, failed })),
          recipients: ids.flatMap((owner) => states.map((state, index) => ({ owner, index, state }))),
          chunks: ids.flatMap((owner) => [0, 1, 2].map((index) => ({ owner, index }))),
          incoming: [60],
        });
        deepStrictEqual(walk(database).findings, []);
        database.close();
      },
    ),
  );
});
