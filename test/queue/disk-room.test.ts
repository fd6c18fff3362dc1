import assert from 'node:assert/strict';
import { statfsSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createDiskRoom } from '../../src/queue/disk-room.ts';
import type { QueuedRecipient, Store } from '../../src/queue/index.ts';
import { openWriter, type Writer } from '../../src/queue/writer.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type AcceptedMessage, countsOf, only, openTestStore, submit } from '../support/open-store.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';

const mebibyte = 1024 * 1024;

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

test('there is room for a message, and none for more than the disk has', () => {
  const path = `${temporaryDirectory()}/store`;
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
  const { forMail } = createDiskRoom(path, database, {
    restartLog: () => true,
    emptyLog: assert.fail,
    shrink: assert.fail,
  });
  assert.equal(forMail(1000, 0), true);
  assert.equal(forMail(freeBytes(path), 0), false);
  database.close();
});

test('what may be written again counts as room when the log was moved into the store', {
  skip: tmpfsMissing,
}, () => {
  const directory = mountTmpfs(8 * mebibyte);
  const path = `${directory}/store`;
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)');
  database.prepare('INSERT INTO t VALUES (?)').run(new Uint8Array(2 * mebibyte));
  database.exec('DELETE FROM t');
  let moved = false;
  const { forMail } = createDiskRoom(path, database, {
    restartLog() {
      if (moved) database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      return moved;
    },
    emptyLog: assert.fail,
    shrink: assert.fail,
  });
  const left = freeBytes(directory) - 3.5 * mebibyte;
  writeFileSync(`${directory}/filler`, new Uint8Array(left));
  assert.equal(forMail(1.5 * mebibyte, 0), false);
  moved = true;
  assert.equal(forMail(1.5 * mebibyte, 0), true);
  database.close();
});

/** A store on a disk of its own, and somebody who reads it when told to. */
function storeOnDisk(t: TestContext, sizeBytes: number) {
  const directory = mountTmpfs(sizeBytes);
  const path = `${directory}/store`;
  const writer = openWriter(path);
  t.after(() => writer.close());
  const reader = new DatabaseSync(path);
  t.after(() => reader.close());
  return {
    directory,
    path,
    writer,
    beginReading: () => reader.exec('BEGIN; SELECT count(*) FROM message'),
    endReading: () => reader.exec('COMMIT'),
  };
}

/** Writes to the log what is worth nothing afterwards. */
function growLog(writer: Writer, sizeBytes: number): void {
  writer.begin();
  writer.apply({ kind: 'chunk', messageId: 1, index: 0, bytes: new Uint8Array(sizeBytes) });
  writer.commit();
  writer.begin();
  writer.apply({ kind: 'drop', messageId: 1 });
  writer.commit();
}

test('a log that somebody reads grows, so that its room does not count until it is read no more', {
  skip: tmpfsMissing,
}, (t) => {
  const { writer, beginReading, endReading } = storeOnDisk(t, 12 * mebibyte);
  growLog(writer, 4 * mebibyte);
  beginReading();
  assert.equal(writer.room.forMail(3 * mebibyte, 0), false);
  endReading();
  assert.equal(writer.room.forMail(3 * mebibyte, 0), true);
});

test('a log that has taken the room while it was read gives it back, if that is enough for a message', {
  skip: tmpfsMissing,
}, (t) => {
  const { directory, path, writer, beginReading, endReading } = storeOnDisk(t, 8 * mebibyte);
  beginReading();
  const logBytes = () => statSync(`${path}-wal`).size;
  while (freeBytes(directory) > 0.75 * mebibyte) growLog(writer, 64 * 1024);
  assert.equal(writer.room.forMail(1000, 0), false);
  endReading();
  assert.ok(logBytes() > 6 * mebibyte);
  assert.equal(writer.room.forMail(8 * mebibyte, 0), false);
  assert.ok(logBytes() > 6 * mebibyte, 'it stays as room for records where its room is not enough');
  assert.equal(writer.room.forMail(1000, 0), true);
  assert.equal(writer.room.forMail(2 * mebibyte, 0), true);
  assert.ok(freeBytes(directory) > 6 * mebibyte);
});

test('a record does not take the room that the store needs to grow by what is in the log', {
  skip: tmpfsMissing,
}, (t) => {
  const { directory, path, writer, beginReading, endReading } = storeOnDisk(t, 8 * mebibyte);
  assert.equal(writer.room.forRecords(1), true);
  beginReading();
  writer.begin();
  writer.apply({ kind: 'chunk', messageId: 1, index: 0, bytes: new Uint8Array(2 * mebibyte) });
  writer.commit();
  writeFileSync(`${directory}/filler`, new Uint8Array(freeBytes(directory) - 2.5 * mebibyte));
  assert.ok(statSync(path).size < mebibyte);
  assert.equal(writer.room.forRecords(1), false);
  endReading();
  assert.equal(writer.room.forRecords(1), true);
  assert.ok(statSync(path).size > 2 * mebibyte);
});

test('what records may write to the log counts beside mail', { skip: tmpfsMissing }, (t) => {
  const { writer } = storeOnDisk(t, 8 * mebibyte);
  assert.equal(writer.room.forMail(1000, 0), true);
  assert.equal(writer.room.forMail(1000, 100), false);
  assert.equal(writer.room.forRecords(100), true);
});

async function fill(store: Store, sizeBytes: number): Promise<void> {
  for (;;) {
    const answer = await submit(store, 'x'.repeat(sizeBytes), ['a@example.org']);
    if (answer.verdict === 'K') continue;
    assert.equal(answer.verdict, 'Z');
    assert.match(answer.text, /disk of .* is full/);
    return;
  }
}

function recipientsOf(accepted: AcceptedMessage[]): readonly QueuedRecipient[] {
  return accepted.splice(0).flatMap(({ recipients }) => recipients);
}

test('a store that has filled its disk can still record what was delivered, and then takes mail again', {
  skip: tmpfsMissing,
}, async (t) => {
  for (const size of [3, 6, 24]) {
    const { store, accepted } = await openTestStore({ directory: `${mountTmpfs(size * mebibyte)}/queue` });
    t.after(() => store.close());
    const small = 1000 * size;
    for (const messageBytes of [small, 100_000, small]) {
      await fill(store, messageBytes);
      const taken = accepted.length * messageBytes;
      assert.ok(taken > (size * mebibyte) / 2, `${size} MiB take ${taken} bytes, ${messageBytes} each`);
      await Promise.all(recipientsOf(accepted).map((recipient) => store.settle(recipient)));
      assert.deepEqual(countsOf(store), only({}));
    }
  }
});

test('a message that is larger than the disk leaves nothing behind', { skip: tmpfsMissing }, async (t) => {
  const { store, accepted } = await openTestStore({ directory: `${mountTmpfs(30 * mebibyte)}/queue` });
  t.after(() => store.close());
  for (let round = 0; round < 3; round += 1) {
    const incoming = store.begin({ caller: 'network', host: '192.0.2.1' });
    for (let piece = 0; piece < 640; piece += 1) await incoming.write(new Uint8Array(65536));
    const answer = await incoming.commit({ sender: '', recipients: ['a@example.org'] });
    assert.equal(answer.verdict, 'Z');
    const small = await submit(store, 'small', ['a@example.org']);
    assert.equal(small.verdict, 'K', small.text);
    assert.equal(store.counts().incoming, 0);
  }
  assert.equal(accepted.length, 3);
});
