import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Arming, type FaultyDisk, faultyDiskNeeds, makeFaultyDisk } from './faulty-disk.ts';

/** Runs a script that finds Node's file functions in `fs`, and the disk's directory in `home`. */
function run(disk: FaultyDisk, script: string): { readonly said: string; readonly signal: string | null } {
  const start = `import * as fs from 'node:fs'; import util from 'node:util'; const home = ${JSON.stringify(disk.directory)};`;
  const { stdout, stderr, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `${start}${script}`],
    {
      env: { PATH: process.env['PATH'], ...disk.env },
      encoding: 'utf8',
    },
  );
  strictEqual(stderr, '');
  return { said: stdout.trim(), signal };
}

function armed(arming: Partial<Arming>): FaultyDisk {
  const disk = makeFaultyDisk();
  disk.arm({ fault: 'none', at: 1, ...arming });
  return disk;
}

/** Each way in which the hub changes the disk, and what it is called. */
const ways: readonly (readonly [script: string, what: string])[] = [
  ["fs.mkdirSync(home + '/made')", 'mkdir made'],
  ["fs.openSync(home + '/./new', 'w')", 'open new'],
  ["fs.openSync(home + '/new', 'wx')", 'open new'],
  ["fs.writeSync(fs.openSync(home + '/old', 'a'), 'x')", 'write old'],
  ["fs.writeSync(fs.openSync(home + '/old', 'r+'), 'x', 3)", 'pwrite old'],
  ["fs.writevSync(fs.openSync(home + '/old', 'a'), [Buffer.from('a'), Buffer.from('b')])", 'writev old'],
  ["fs.fsyncSync(fs.openSync(home + '/old'))", 'fsync old'],
  ["fs.fdatasyncSync(fs.openSync(home + '/old'))", 'fdatasync old'],
  ["fs.fsyncSync(fs.openSync(home + '/directory'))", 'fsync directory'],
  ["fs.ftruncateSync(fs.openSync(home + '/old', 'r+'), 1)", 'ftruncate old'],
  ["fs.renameSync(home + '/old', home + '/renamed')", 'rename renamed'],
  ["fs.unlinkSync(home + '/old')", 'unlink old'],
  // On the thread pool too.
  ["await fs.promises.rename(home + '/old', home + '/renamed')", 'rename renamed'],
  ["await fs.promises.unlink(home + '/old')", 'unlink old'],
  [
    "await util.promisify(fs.writev)(fs.openSync(home + '/old', 'a'), [Buffer.from('a'), Buffer.from('b')])",
    'writev old',
  ],
  ["await util.promisify(fs.fsync)(fs.openSync(home + '/old'))", 'fsync old'],
];

test('each way in which a process changes the disk is seen, alone and once', faultyDiskNeeds, () => {
  const disk = makeFaultyDisk();
  mkdirSync(`${disk.directory}/directory`);
  for (const [script, what] of ways) {
    writeFileSync(`${disk.directory}/old`, 'old text');
    disk.arm({ fault: 'fail', at: 1 });
    const { said } = run(disk, `try { ${script}; } catch (error) { console.log(error.code); }`);
    deepStrictEqual([said, disk.what, disk.seen, disk.struck], ['EIO', what, 1, 1], script);
    strictEqual(readFileSync(`${disk.directory}/old`, 'utf8'), 'old text');
  }
});

test('SQLite is seen, and what only reads is not', faultyDiskNeeds, () => {
  const disk = armed({ only: 'data.sqlite-wal fsync' });
  const { said } = run(
    disk,
    `const { DatabaseSync } = await import('node:sqlite');
     const data = new DatabaseSync(home + '/data.sqlite');
     data.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
     process.kill(process.pid, 'SIGKILL');`,
  );
  strictEqual(said, '');
  // The log's header, the table, the row.
  strictEqual(disk.seen, 3);
  disk.arm({ fault: 'none', at: 1 });
  run(disk, "fs.readFileSync(home + '/data.sqlite'); fs.readdirSync(home); fs.existsSync(home + '/none');");
  strictEqual(disk.seen, 0);
});

const append =
  "const file = fs.openSync(home + '/file', 'a'); fs.writeSync(file, 'one '); fs.writeSync(file, 'two ');";
const textOf = (disk: FaultyDisk) => readFileSync(`${disk.directory}/file`, 'utf8');

test('one operation fails, or all from it on until the disk is mended', faultyDiskNeeds, () => {
  const tries = `for (const text of ['a', 'b', 'c']) try { fs.appendFileSync(home + '/file', text); } catch (error) { console.log(error.code); }`;
  const once = armed({ fault: 'fail', at: 2, error: 'ENOSPC', only: '/file write' });
  strictEqual(run(once, tries).said, 'ENOSPC');
  strictEqual(textOf(once), 'ac');
  const lasting = armed({ fault: 'fail', at: 2, lasting: true, only: '/file write' });
  strictEqual(run(lasting, tries).said, 'EIO\nEIO');
  deepStrictEqual([textOf(lasting), lasting.struck], ['a', 2]);
  lasting.mend();
  strictEqual(run(lasting, tries).said, '');
  strictEqual(textOf(lasting), 'aabc');
});

test('a full disk lets go of what is removed', faultyDiskNeeds, () => {
  const disk = armed({ fault: 'fail', at: 1, lasting: true, error: 'ENOSPC' });
  writeFileSync(`${disk.directory}/file`, '');
  strictEqual(run(disk, "fs.unlinkSync(home + '/file')").said, '');
  strictEqual(existsSync(`${disk.directory}/file`), false);
});

test('a kill leaves what went before, and a torn write its first half', faultyDiskNeeds, () => {
  const killed = armed({ fault: 'killed', at: 3 });
  strictEqual(run(killed, append).signal, 'SIGKILL');
  strictEqual(textOf(killed), 'one ');
  const torn = armed({ fault: 'torn', at: 2 });
  strictEqual(run(torn, append).signal, 'SIGKILL');
  strictEqual(textOf(torn), 'one tw');
});

test('a loss of power takes bytes back to the sync of their file', faultyDiskNeeds, () => {
  const disk = armed({ fault: 'power', at: 8 });
  writeFileSync(`${disk.directory}/file`, 'old text, ');
  const script = `fs.writeSync(file, 'three'); fs.fsyncSync(file); fs.writeSync(file, 'gone');
    const other = fs.openSync(home + '/file', 'r+'); fs.writeSync(other, 'GONE', 2); fs.ftruncateSync(other, 3);
    fs.mkdirSync(home + '/never');`;
  strictEqual(run(disk, `${append}${script}`).signal, 'SIGKILL');
  strictEqual(disk.what, 'mkdir never');
  strictEqual(textOf(disk), 'old text, one two three');
});

test('a loss of power takes names back to the sync of their directory', faultyDiskNeeds, () => {
  const disk = armed({ fault: 'power', at: 1, only: 'never' });
  for (const name of ['tmp', 'new']) mkdirSync(`${disk.directory}/${name}`);
  for (const name of ['removed', 'moved']) writeFileSync(`${disk.directory}/${name}`, name);
  const script = `const sync = (name) => fs.fsyncSync(fs.openSync(home + name));
    const write = (name) => { fs.writeFileSync(home + name, name, { flush: true }); };
    write('/tmp/1'); fs.renameSync(home + '/tmp/1', home + '/new/1'); sync('/new');
    write('/tmp/2'); sync('/tmp'); fs.renameSync(home + '/tmp/2', home + '/new/2');
    write('/tmp/3'); fs.renameSync(home + '/tmp/3', home + '/new/3');
    fs.unlinkSync(home + '/removed'); fs.renameSync(home + '/moved', home + '/new/moved');
    fs.mkdirSync(home + '/never');`;
  strictEqual(run(disk, script).signal, 'SIGKILL');
  const there = ['tmp/1', 'new/1', 'tmp/2', 'new/2', 'tmp/3', 'new/3', 'removed', 'moved', 'new/moved'];
  deepStrictEqual(
    there.filter((name) => existsSync(`${disk.directory}/${name}`)),
    ['new/1', 'tmp/2', 'removed', 'moved'],
  );
});
