import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { createGroupCommit } from '../../src/queue/group-commit.ts';
import type { Operation } from '../../src/queue/operation.ts';
import { openWriter, type Writer } from '../../src/queue/writer.ts';
import { temporaryDirectory } from '../support/home.ts';
import { countsOf, only } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

/** A writer that counts its transactions, and fails some. */
function watched(writer: Writer, fails: (operations: readonly Operation[]) => boolean = () => false) {
  const transactions: Operation[][] = [];
  let current: Operation[] = [];
  const watching: Writer = {
    ...writer,
    begin() {
      current = [];
      writer.begin();
    },
    apply(operation) {
      current.push(operation);
      return writer.apply(operation);
    },
    commit() {
      if (fails(current)) throw new Error('disk I/O error');
      writer.commit();
      transactions.push(current);
    },
  };
  return { watching, transactions };
}

test('whatever waits is one transaction, with an outcome for each operation', () => {
  const { writer, reader, close } = openBoth();
  const { watching, transactions } = watched(writer);
  const { add, commit } = createGroupCommit(watching, 'path');
  assert.equal(commit(), undefined);
  add([{ number: 1, operations: [acceptOperation(1), { kind: 'reserve', count: 5 }] }]);
  add([
    { number: 2, operations: [{ kind: 'settle', recipientId: recipientId(1) }] },
    { number: 3, operations: [] },
  ]);
  assert.deepEqual(commit(), [
    { number: 1, outcomes: [0, 1] },
    { number: 2, outcomes: [1] },
    { number: 3, outcomes: [] },
  ]);
  assert.equal(commit(), undefined);
  assert.equal(transactions.length, 1);
  assert.deepEqual(countsOf(reader), only({}));
  close();
});

test('an operation that cannot be done takes no other with it, in its own batch or in another', () => {
  const { writer, reader, close } = openBoth();
  const { add, commit } = createGroupCommit(writer, 'path');
  add([
    { number: 1, operations: [acceptOperation(1), acceptOperation(2, { replaces: 77 }), acceptOperation(3)] },
    { number: 2, operations: [acceptOperation(4), acceptOperation(4)] },
  ]);
  const [first, second] = commit() ?? [];
  assert.deepEqual([first?.outcomes[0], first?.outcomes[2], second?.outcomes[0]], [0, 0, 0]);
  assert.match(String(first?.outcomes[1]), /message 77 is not there/);
  assert.match(String(second?.outcomes[1]), /UNIQUE/);
  assert.deepEqual(countsOf(reader), only({ messages: 3, fresh: 3 }));
  close();
});

test('a commit that fails has done nothing, and is refused operation by operation', () => {
  const { writer, reader, close } = openBoth();
  let broken = true;
  const { watching, transactions } = watched(writer, () => broken);
  const { add, commit } = createGroupCommit(watching, 'path');
  const batch = { number: 1, operations: [acceptOperation(1), acceptOperation(2)] };
  add([batch]);
  assert.deepEqual(commit(), [{ number: 1, outcomes: ['path: disk I/O error', 'path: disk I/O error'] }]);
  assert.deepEqual(countsOf(reader), only({}));
  broken = false;
  add([batch]);
  assert.deepEqual(commit(), [{ number: 1, outcomes: [0, 0] }]);
  assert.equal(transactions.length, 1);
  close();
});

test('mail that finds no room is refused by the name of the store, and records are not', () => {
  const { writer, reader, close } = openBoth();
  const room = { ...writer.room, forMail: (sizeBytes: number) => sizeBytes < 1000 };
  const { add, commit } = createGroupCommit({ ...writer, room }, '/queue/store');
  add([{ number: 1, operations: [acceptOperation(1)] }]);
  commit();
  const large = acceptOperation(2, { bytes: new Uint8Array(1000) });
  add([{ number: 2, operations: [large, { kind: 'settle', recipientId: recipientId(1) }] }]);
  assert.deepEqual(commit(), [{ number: 2, outcomes: ['the disk of /queue/store is full', 1] }]);
  assert.deepEqual(countsOf(reader), only({}));
  close();
});

test('many bytes make several transactions, in order, and give their memory back', () => {
  const { writer, close } = openBoth(`${temporaryDirectory()}/store`);
  const { watching, transactions } = watched(writer);
  const { add, commit, checkpoint } = createGroupCommit(watching, 'path');
  const chunks = Array.from({ length: 100 }, (_, index) => new Uint8Array(400_000).fill(index));
  chunks.forEach((bytes, index) => {
    add([{ number: index, operations: [{ kind: 'chunk', messageId: 1, index, bytes }] }]);
  });
  const numbers: number[] = [];
  for (let results = commit(); results !== undefined; results = commit()) {
    numbers.push(...results.map(({ number }) => number));
  }
  assert.deepEqual(
    numbers,
    chunks.map((_, index) => index),
  );
  assert.equal(transactions.length, 3);
  assert.ok(chunks.every((bytes) => bytes.length === 0));
  checkpoint();
  close();
});

test('the log is moved into the store when it has grown', () => {
  const path = `${temporaryDirectory()}/store`;
  const writer = openWriter(path);
  let moves = 0;
  const counting: Writer = {
    ...writer,
    checkpoint() {
      moves += 1;
      return writer.checkpoint();
    },
  };
  const { add, commit, checkpoint } = createGroupCommit(counting, path);
  const bytes = () => new Uint8Array(1_000_000);
  for (let index = 0; index < 40; index += 1) {
    add([{ number: index, operations: [{ kind: 'chunk', messageId: 1, index, bytes: bytes() }] }]);
    commit();
    checkpoint();
  }
  assert.equal(moves, 1);
  assert.ok(statSync(path).size > 30_000_000);
  writer.close();
});
