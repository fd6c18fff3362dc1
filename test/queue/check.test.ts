/** The check of the store: sound stores pass, each damage is found, and repairs lose nothing that could be delivered. */
import { deepStrictEqual, match, ok, throws } from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkStore } from '../../src/queue/check.ts';
import type { Finding } from '../../src/queue/finding.ts';
import { openReader, storePath } from '../../src/queue/index.ts';
import { keysPerMessage } from '../../src/queue/schema.ts';
import { behindIndex, copyStore, damage, filledMessages, makeFilledStore } from '../support/damaged-store.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTestStore, submit } from '../support/open-store.ts';

const filled = await makeFilledStore();
const nowMs = 5_000;

interface Checked {
  readonly texts: readonly string[];
  readonly repaired: number;
  readonly left: number;
}

function check(directory: string, repair = false): Checked {
  const findings: Finding[] = [];
  const { found, repaired, left } = checkStore(storePath(directory), {
    repair,
    nowMs,
    onFinding: (finding) => findings.push(finding),
  });
  deepStrictEqual(found, findings.length);
  return { texts: findings.map(({ text }) => text), repaired, left };
}

/** Who can still be delivered to: recipients of messages that are there. */
function deliverable(directory: string): readonly string[] {
  const reader = openReader(storePath(directory));
  try {
    return [...reader.messages()].flatMap(({ id }) =>
      [...reader.recipients(id)].map(({ address }) => `${id} ${address}`),
    );
  } finally {
    reader.close();
  }
}

test('a store with something of everything is sound', () => {
  deepStrictEqual(check(filled), { texts: [], repaired: 0, left: 0 });
  const result = checkStore(storePath(filled), { repair: false, nowMs, onFinding: () => undefined });
  deepStrictEqual([result.messages, result.recipients, result.incoming], [filledMessages, 11, 0]);
});

test('a repair of a sound store changes nothing', () => {
  const directory = copyStore(filled);
  deepStrictEqual(check(directory, true), { texts: [], repaired: 0, left: 0 });
  deepStrictEqual(deliverable(directory), deliverable(filled));
});

/** The keys of a message. */
function keys(message: number): string {
  return `id >= ${message * keysPerMessage} AND id < ${(message + 1) * keysPerMessage}`;
}

interface Damage {
  readonly what: string;
  readonly sql: readonly string[];
  readonly found: readonly RegExp[];
  /** Recipients that are gone, or of which nobody knows what to do with; none without it. */
  readonly lost?: number;
  /** What cannot be repaired. */
  readonly left?: number;
}

const insertRecipient =
  'INSERT INTO recipient (id, address, state, rank, attempts, tried_ms, due_ms, report)';

const damages: readonly Damage[] = [
  {
    what: 'a counter of open recipients',
    sql: ['UPDATE message SET open = 7 WHERE id = 1'],
    found: [/^message 1 says 7 open and 0 failed recipients, and has 3 and 0$/],
  },
  {
    what: 'a counter of failed recipients',
    sql: ['UPDATE message SET failed = 0 WHERE id = 4'],
    found: [/^message 4 says 0 open and 0 failed recipients, and has 0 and 1$/],
  },
  {
    what: 'the tally',
    sql: ['UPDATE tally SET fresh = fresh + 1, messages = 0'],
    found: [/^the tally says 0 messages, 8 fresh.*, and there are 6 messages, 7 fresh/],
  },
  { what: 'a tally that is gone', sql: ['DELETE FROM tally'], found: [/^the tally has 0 rows/] },
  {
    what: 'a tally that is there twice',
    sql: ['INSERT INTO tally SELECT * FROM tally'],
    found: [/^the tally has 2 rows/],
  },
  {
    what: 'recipients without a message',
    sql: [`${insertRecipient} VALUES (${90 * keysPerMessage}, x'61', 0, 1, 0, 0, 0, x'')`],
    found: [/^1 recipient of message 90, which does not exist$/],
  },
  {
    what: 'bytes without a message',
    sql: [`INSERT INTO chunk (id, bytes) VALUES (${91 * keysPerMessage}, x'616263')`],
    found: [/^3 bytes of message 91, which does not exist$/],
  },
  {
    what: 'bytes before the first message',
    sql: [`INSERT INTO chunk (id, bytes) VALUES (-5, x'61')`],
    found: [/^1 byte of message -1, which does not exist$/],
  },
  {
    what: 'a message that is marked as incomplete',
    sql: ['INSERT INTO incoming VALUES (2)'],
    found: [/^message 2 is complete and marked as incomplete/],
  },
  {
    what: 'a recipient in no known state',
    sql: [`UPDATE recipient SET state = 9 WHERE id = ${keysPerMessage}`],
    found: [/^recipient <a@hub\.test> of message 1 has the unknown state 9$/, /^the tally says/],
  },
  {
    what: 'a finished message that is still there',
    sql: [`DELETE FROM recipient WHERE ${keys(1)}`, 'UPDATE message SET open = 0 WHERE id = 1'],
    found: [/^message 1 has nobody left to go to and is still there$/, /^the tally says/],
    lost: 3,
  },
  {
    what: 'recipients that are lost',
    sql: [`DELETE FROM recipient WHERE ${keys(1)}`],
    found: [/^message 1 says 3 open .* and has none: whom it was for is lost$/, /^the tally says/],
    lost: 3,
    left: 1,
  },
  {
    what: 'bytes that are missing in the middle',
    sql: [`DELETE FROM chunk WHERE id = ${7 * keysPerMessage + 1}`],
    found: [
      /^message 7 has 300\d+ bytes, of which \d+ are there, and chunk 1 is missing: it cannot be delivered$/,
    ],
    left: 1,
  },
  {
    what: 'bytes that are missing at the end',
    sql: [`DELETE FROM chunk WHERE ${keys(3)}`],
    found: [/^message 3 has \d+ bytes, of which 0 are there: it cannot be delivered$/],
    left: 1,
  },
  {
    what: 'numbers that would be given out again',
    sql: ['UPDATE numbering SET next_id = 5'],
    found: [/^the next message number is 5, and message 7 exists$/],
  },
  {
    what: 'numbers that are gone',
    sql: ['DELETE FROM numbering'],
    found: [/^the next message number is there 0 times$/],
  },
  {
    what: 'memory that is none',
    sql: [`INSERT INTO memory VALUES (x'00', 1, 1), (zeroblob(30), 0, 1)`],
    found: [/^2 of the submissions that are remembered have no possible key/],
  },
  {
    what: 'an index that is gone',
    sql: ['DROP INDEX recipient_waiting'],
    found: [/^the index recipient_waiting is missing$/],
  },
  {
    what: 'an index that misses rows',
    sql: behindIndex(
      'recipient_fresh',
      `${insertRecipient} VALUES (${keysPerMessage + 9}, x'7a', 0, 1, 0, 0, 0, x'');
       UPDATE message SET open = 4 WHERE id = 1; UPDATE tally SET fresh = fresh + 1`,
    ),
    found: [/^SQLite: row \d+ missing from index recipient_fresh$/],
  },
  {
    what: 'several things at once',
    sql: [
      'UPDATE message SET open = 9 WHERE id IN (1, 2)',
      `INSERT INTO chunk (id, bytes) VALUES (${91 * keysPerMessage}, x'61')`,
      'DELETE FROM tally',
    ],
    found: [/^message 1 says/, /^message 2 says/, /message 91/, /tally/],
  },
];

for (const { what, sql, found, lost = 0, left = 0 } of damages) {
  test(`${what}: found, and repaired where that is safe`, () => {
    const directory = copyStore(filled);
    const before = deliverable(directory).length;
    damage(directory, ...sql);
    const checked = check(directory);
    deepStrictEqual(checked.texts.length, found.length, checked.texts.join('\n'));
    for (const [index, pattern] of found.entries()) match(checked.texts[index] ?? '', pattern);
    deepStrictEqual([checked.repaired, checked.left], [0, found.length]);
    // A check changes nothing: it finds the same again, and so does the repair.
    deepStrictEqual(check(directory), checked);
    deepStrictEqual(check(directory, true), { ...checked, repaired: found.length - left, left });
    deepStrictEqual(
      check(directory).texts,
      checked.texts.filter((_, index) => index < left),
    );
    const extra = what.startsWith('an index that misses') ? 1 : 0;
    deepStrictEqual(deliverable(directory).length, before - lost + extra);
  });
}

test('a repaired store works: everything is delivered, and what is submitted again is known', async () => {
  const directory = copyStore(filled);
  damage(
    directory,
    'UPDATE numbering SET next_id = 2',
    'UPDATE message SET open = 1',
    'DELETE FROM tally',
    'INSERT INTO incoming SELECT id FROM message',
  );
  ok(check(directory).left >= 10);
  deepStrictEqual(check(directory, true).left, 0);
  const { store, accepted, repeated } = await openTestStore({
    directory,
    memoryMs: 600_000,
    now: () => nowMs,
  });
  await submit(store, 'Message-ID: <fresh@client.test>\n\nfresh\n', [
    'a@hub.test',
    'b@hub.test',
    'c@hub.test',
  ]);
  await submit(store, 'new\n', ['new@hub.test']);
  deepStrictEqual([accepted.length, repeated.length], [1, 1]);
  for (const message of [...store.messages()]) {
    // All bytes are there.
    let sizeBytes = 0;
    for (const chunk of store.body(message).chunks()) sizeBytes += chunk.length;
    deepStrictEqual(sizeBytes, message.sizeBytes);
    for (const recipient of [...store.recipients(message.id)]) await store.settle(recipient);
  }
  const { messages, fresh, waiting, held, failed } = store.counts();
  // Those that have failed wait for their bounces.
  deepStrictEqual([messages, fresh, waiting, held, failed], [2, 0, 0, 0, 2]);
  await store.close();
  deepStrictEqual(check(directory).texts, []);
});

test('a store that is written to is sound at every moment', async () => {
  const directory = temporaryDirectory();
  const { store, accepted } = await openTestStore({ directory, memoryMs: 600_000 });
  const writing = (async () => {
    for (let number = 0; number < 60; number += 1) {
      const incoming = store.begin({ caller: 'network', host: '192.0.2.1' });
      await incoming.write(new Uint8Array(number * 3000));
      const recipients = Array.from({ length: number % 7 }, (_, index) => `${index}@hub.test`);
      if (number % 10 === 9) incoming.abort();
      else await incoming.commit({ sender: '', recipients });
      const [recipient] = accepted.at(-2)?.recipients ?? [];
      if (recipient !== undefined) await store.settle(recipient);
    }
  })();
  let written = false;
  writing.finally(() => {
    written = true;
  });
  for (let checks = 0; !written || checks < 3; checks += 1) {
    deepStrictEqual(check(directory).texts, []);
    await new Promise(setImmediate);
  }
  await writing;
  await store.close();
});

test('a file that is damaged is found, and no repair touches it', () => {
  const directory = copyStore(filled);
  const path = storePath(directory);
  const bytes = readFileSync(path);
  // The pages behind the first, which says what the file is.
  bytes.fill(0xa5, 3 * 8192, 6 * 8192);
  writeFileSync(path, bytes);
  const checked = check(directory);
  ok(checked.left > 0);
  match(checked.texts.join('\n'), /SQLite: |cannot be read to its end/);
  const repaired = check(directory, true);
  deepStrictEqual([repaired.repaired, repaired.left > 0], [0, true]);
  ok(readFileSync(path).equals(bytes));
});

test('a file that is cut short is found', () => {
  const directory = copyStore(filled);
  const path = storePath(directory);
  writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size - 5 * 8192));
  ok(check(directory).left > 0);
  ok(check(directory, true).left > 0);
});

test('what is no store is a finding, and one of another version is refused', () => {
  const directory = temporaryDirectory();
  writeFileSync(storePath(directory), 'Dear postmaster,\n'.repeat(1000));
  const notDatabase = { texts: ['SQLite: file is not a database'], repaired: 0, left: 1 };
  deepStrictEqual(check(directory), notDatabase);
  deepStrictEqual(check(directory, true), notDatabase);
  const newer = copyStore(filled);
  damage(newer, 'PRAGMA user_version = 99');
  throws(() => check(newer), /store\.sqlite has version 99, and this program checks version/);
});

test('a store that lacks a table is not walked through', () => {
  const directory = copyStore(filled);
  damage(directory, 'DROP TABLE memory');
  const missing = { texts: ['the table memory is missing'], repaired: 0, left: 1 };
  deepStrictEqual(check(directory), missing);
  deepStrictEqual(check(directory, true), missing);
});
