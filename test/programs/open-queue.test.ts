import { match, strictEqual, throws } from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openQueue } from '../../src/programs/open-queue.ts';
import { storePath } from '../../src/queue/index.ts';
import { byteStringOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { isRoot } from '../support/hub-home.ts';
import { openTestStore, submit } from '../support/open-store.ts';
import { asUserMain, runProgram } from '../support/run-program.ts';

test('a queue is read while its owner runs, after it ended, and without its log', async () => {
  const home = temporaryDirectory();
  const { store } = await openTestStore({ directory: `${home}/queue` });
  await submit(store, 'one', ['a@b']);
  const first = openQueue(home);
  strictEqual(first.counts().messages, 1);
  await submit(store, 'two', ['a@b']);
  strictEqual(first.counts().messages, 2);
  await store.close();
  first.close();
  const second = openQueue(home);
  strictEqual(second.counts().messages, 2);
  second.close();
  const { store: again } = await openTestStore({ directory: `${home}/queue` });
  await submit(again, 'three', ['a@b']);
  strictEqual(again.counts().messages, 3);
  await again.close();
});

test('a home of any name', async () => {
  const name = `${temporaryDirectory()}/z\u00fcrich`;
  mkdirSync(name);
  const { store } = await openTestStore({ directory: `${name}/queue` });
  const reader = openQueue(byteStringOf(name));
  strictEqual(reader.counts().messages, 0);
  reader.close();
  await store.close();
});

test('what cannot be read is named, with the reason', async () => {
  const home = temporaryDirectory();
  const path = storePath(`${home}/queue`);
  throws(() => openQueue(home), {
    message: `unable to read ${path}: there is no queue; qmail-send makes it when it starts`,
  });
  mkdirSync(`${home}/queue`);
  writeFileSync(path, 'this is no database, and it is long enough to be looked at as one'.repeat(20));
  throws(() => openQueue(home), { message: `unable to read ${path}: file is not a database` });
  writeFileSync(path, '');
  throws(() => openQueue(home), {
    message: /^unable to read .* has version 0, and this program reads version \d+$/,
  });
  rmSync(`${home}/queue`, { recursive: true });
  writeFileSync(`${home}/queue`, '');
  throws(() => openQueue(home), { message: /there is no queue/ });
});

test('a user who may not read the queue is told who may', async (context) => {
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  const { store } = await openTestStore({ directory: `${home}/queue` });
  context.after(() => store.close());
  chmodSync(storePath(`${home}/queue`), isRoot ? 0o600 : 0);
  const call = { env: { QMAILHOME: home } };
  const ended = await runProgram(
    isRoot
      ? { ...call, main: asUserMain, program: 'nobody', args: ['qmail-qstat'] }
      : { ...call, program: 'qmail-qstat' },
  );
  strictEqual(ended.exit, 111);
  match(ended.stderr, /store\.sqlite: only root and the user that qmail-send runs as may read it\n$/);
});
