/** Backups: one moment of a store that goes on working, complete or not there. */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { backUpStore } from '../../src/queue/backup.ts';
import { checkStore, openReader, storePath } from '../../src/queue/index.ts';
import { makeFilledStore } from '../support/damaged-store.ts';
import { temporaryDirectory } from '../support/home.ts';
import { bodyText, openTestStore, submit } from '../support/open-store.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';

const filled = await makeFilledStore();

function findings(path: string): readonly string[] {
  const texts: string[] = [];
  checkStore(path, { repair: false, nowMs: 0, onFinding: ({ text }) => texts.push(text) });
  return texts;
}

/** Every message with its recipients. */
function listing(path: string): readonly object[] {
  const reader = openReader(path);
  try {
    return [...reader.messages()].map((message) => ({
      message,
      recipients: [...reader.recipients(message.id)],
    }));
  } finally {
    reader.close();
  }
}

test('a backup holds what the store holds, for its owner only, and leaves nothing beside it', () => {
  const directory = temporaryDirectory();
  const target = `${directory}/queue.backup`;
  const sizeBytes = backUpStore(storePath(filled), target);
  deepStrictEqual(statSync(target).size, sizeBytes);
  deepStrictEqual(statSync(target).mode & 0o777, 0o600);
  deepStrictEqual(listing(target), listing(storePath(filled)));
  deepStrictEqual(findings(target), []);
  deepStrictEqual(
    readdirSync(directory).filter((name) => !name.startsWith('queue.backup')),
    [],
  );
});

test('nothing is overwritten', () => {
  const directory = temporaryDirectory();
  const target = `${directory}/taken`;
  writeFileSync(target, 'precious');
  throws(
    () => backUpStore(storePath(filled), target),
    /taken exists already, and a backup overwrites nothing/,
  );
  throws(() => backUpStore(storePath(filled), storePath(filled)), /exists already/);
  deepStrictEqual(readFileSync(target, 'utf8'), 'precious');
  deepStrictEqual(readdirSync(directory), ['taken']);
});

test('a target in no directory, and a store that is not there, are refused', () => {
  const directory = temporaryDirectory();
  throws(() => backUpStore(storePath(filled), `${directory}/none/backup`), /unable to back up/);
  throws(() => backUpStore(`${directory}/store.sqlite`, `${directory}/backup`));
  deepStrictEqual(readdirSync(directory), []);
});

test('a disk that is full is an error, and leaves nothing there', { skip: tmpfsMissing }, () => {
  const directory = mountTmpfs(100_000);
  throws(() => backUpStore(storePath(filled), `${directory}/backup`), /unable to back up .*full/);
  deepStrictEqual(readdirSync(directory), []);
});

test('backups of a store that is written to are sound, and of one moment each', async () => {
  const directory = temporaryDirectory();
  const { store, accepted, directory: queue } = await openTestStore();
  const counts: number[] = [];
  let written = false;
  const writing = (async () => {
    for (let number = 0; number < 60; number += 1) {
      await submit(store, `${number}\n`.repeat(2000), ['a@hub.test', 'b@hub.test']);
      const [recipient] = accepted.at(-1)?.recipients ?? [];
      if (recipient !== undefined) await store.settle(recipient);
    }
    written = true;
  })();
  while (!written) {
    const target = `${directory}/${counts.length}`;
    backUpStore(storePath(queue), target);
    deepStrictEqual(findings(target), []);
    counts.push(listing(target).length);
    await new Promise(setImmediate);
  }
  await writing;
  ok(counts.length > 2);
  deepStrictEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  );
  await store.close();
});

test('a backup that is copied back is a queue again', async () => {
  const directory = temporaryDirectory();
  const target = `${temporaryDirectory()}/backup`;
  backUpStore(storePath(filled), target);
  copyFileSync(target, storePath(directory));
  const { store, accepted } = await openTestStore({ directory });
  deepStrictEqual([...store.messages()].length, listing(target).length);
  await submit(store, 'after the restore\n', ['z@hub.test']);
  const id = accepted[0]?.message.id ?? 0;
  deepStrictEqual(bodyText(store, id), 'after the restore\n');
  for (const { message } of listing(target) as { message: { id: number } }[]) {
    ok(message.id < id, 'a number is given out twice');
    ok(bodyText(store, message.id).length > 0);
  }
  await store.close();
  deepStrictEqual(findings(storePath(directory)), []);
});
