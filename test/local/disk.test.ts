import assert from 'node:assert/strict';
import { closeSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { type Disk, immediateDisk, threadedDisk } from '../../src/local/disk.ts';
import { temporaryDirectory } from '../support/home.ts';

const disks: Readonly<Record<string, Disk>> = { threadedDisk, immediateDisk };

for (const [name, disk] of Object.entries(disks)) {
  test(`${name}: a file is made, written, put on stable storage and moved`, async () => {
    const directory = temporaryDirectory();
    const descriptor = await disk.create(`${directory}/one`);
    try {
      assert.equal(await disk.write(descriptor, [Buffer.from('ab'), Buffer.from('c')]), 3);
      assert.equal(await disk.write(descriptor, [Buffer.from('d')]), 1);
      await disk.sync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    await disk.rename(`${directory}/one`, `${directory}/two`);
    await disk.syncDirectory(directory);
    assert.equal(readFileSync(`${directory}/two`, 'latin1'), 'abcd');
    assert.equal(statSync(`${directory}/two`).mode & 0o777, 0o600);
  });

  test(`${name}: what fails says why`, async () => {
    const directory = temporaryDirectory();
    closeSync(await disk.create(`${directory}/one`));
    const calls: readonly (() => unknown)[] = [
      () => disk.create(`${directory}/one`),
      () => disk.create(`${directory}/none/one`),
      () => disk.write(-1, [Buffer.from('x')]),
      () => disk.sync(-1),
      () => disk.rename(`${directory}/none`, `${directory}/one`),
      () => disk.syncDirectory(`${directory}/none`),
    ];
    for (const call of calls) await assert.rejects(async () => await call(), { name: /Error$/ });
  });
}

test('deliveries that are begun together wait for one sync of the directory, and a later one for another', async () => {
  const directory = temporaryDirectory();
  const first = immediateDisk.syncDirectory(directory);
  assert.equal(immediateDisk.syncDirectory(directory), first);
  assert.notEqual(immediateDisk.syncDirectory(`${directory}/`), first);
  await first;
  const second = immediateDisk.syncDirectory(directory);
  assert.notEqual(second, first);
  await second;
});
