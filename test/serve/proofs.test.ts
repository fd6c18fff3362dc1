import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { findAccount } from '../../src/process/index.ts';
import { openProofs, type Proofs } from '../../src/serve/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { isRoot } from '../support/hub-home.ts';

const onlyRoot = isRoot ? false : 'only root can be another user';

interface Opened {
  readonly proofs: Proofs;
  readonly directory: string;
  readonly log: string[];
  /** Where the proof of that name is to be. */
  path(nonce: string): string;
}

function open(queue = temporaryDirectory()): Opened {
  const log: string[] = [];
  const proofs = openProofs(queue, (line) => log.push(line));
  return { proofs, directory: `${queue}/proof`, log, path: (nonce) => `${queue}/proof/${nonce}` };
}

test('whoever makes the file is the caller', () => {
  const { proofs, path, directory } = open();
  const nonce = proofs.nonce();
  match(nonce, /^[0-9a-f]{32}$/);
  writeFileSync(path(nonce), '', { mode: 0o400 });
  strictEqual(proofs.take(nonce), process.getuid?.());
  deepStrictEqual(readdirSync(directory), []);
  throws(() => proofs.take(nonce), { message: 'the caller has not proven who it is' });
});

test('names are never the same, and anybody may make files and nobody see them', () => {
  const { proofs, directory } = open();
  strictEqual(new Set(Array.from({ length: 1000 }, proofs.nonce)).size, 1000);
  strictEqual(statSync(directory).mode & 0o7777, 0o1733);
});

test('another user is that user, and can neither list nor remove what is there', { skip: onlyRoot }, () => {
  const { proofs, path, directory } = open();
  chmodSync(dirname(directory), 0o755);
  const { uid, gid } = findAccount('nobody');
  const nonce = proofs.nonce();
  const own = proofs.nonce();
  writeFileSync(path(own), '', { mode: 0o400 });
  const script = 'umask 0377; : >"$1" && ls "$2"; rm -f "$3"; test -e "$3"';
  const ended = spawnSync('/bin/sh', ['-c', script, 'sh', path(nonce), directory, path(own)], { uid, gid });
  strictEqual(ended.status, 0);
  strictEqual(String(ended.stdout), '');
  strictEqual(proofs.take(nonce), uid);
  strictEqual(proofs.take(own), 0);
});

test('a file of another user that is linked or moved there proves nothing', { skip: onlyRoot }, () => {
  const { proofs, path } = open();
  const { uid } = findAccount('nobody');
  const elsewhere = temporaryDirectory();
  const victim = (name: string, text: string, mode = 0o600) => {
    writeFileSync(`${elsewhere}/${name}`, text, { mode });
    chownSync(`${elsewhere}/${name}`, uid, uid);
    // A change of owner has cleared some of it.
    chmodSync(`${elsewhere}/${name}`, mode);
    return `${elsewhere}/${name}`;
  };
  const ways: readonly ((nonce: string) => void)[] = [
    (nonce) => linkSync(victim('empty', '', 0o400), path(nonce)),
    (nonce) => renameSync(victim('full', 'precious'), path(nonce)),
    (nonce) => renameSync(victim('open', '', 0o644), path(nonce)),
    (nonce) => renameSync(victim('setuid', '', 0o4400), path(nonce)),
    (nonce) => symlinkSync(victim('target', '', 0o400), path(nonce)),
  ];
  for (const way of ways) {
    const nonce = proofs.nonce();
    way(nonce);
    throws(() => proofs.take(nonce), { message: 'the proof of who calls is no file of its own' });
    strictEqual(existsSync(path(nonce)), false);
  }
  strictEqual(existsSync(`${elsewhere}/empty`) && existsSync(`${elsewhere}/target`), true);
});

test('what is no file proves nothing', () => {
  const { proofs, path, directory } = open();
  const ways: readonly ((nonce: string) => unknown)[] = [
    (nonce) => symlinkSync('/nonexistent', path(nonce)),
    (nonce) => execFileSync('mkfifo', ['-m', '400', path(nonce)]),
    (nonce) => writeFileSync(path(nonce), 'x', { mode: 0o400 }),
  ];
  for (const way of ways) {
    const nonce = proofs.nonce();
    way(nonce);
    throws(() => proofs.take(nonce), /no file of its own/);
  }
  deepStrictEqual(readdirSync(directory), []);
  const nonce = proofs.nonce();
  mkdirSync(path(nonce));
  throws(() => proofs.take(nonce), /no file of its own/);
});

test('opening clears what callers have left, whatever it is called', () => {
  const queue = temporaryDirectory();
  const first = open(queue);
  writeFileSync(first.path('left'), '');
  mkdirSync(first.path('directory/below'), { recursive: true });
  symlinkSync('/etc/passwd', first.path('link'));
  writeFileSync(Buffer.concat([Buffer.from(`${first.directory}/`), Buffer.from([0xff, 0x0a, 0xfe])]), '');
  const { directory, log } = open(queue);
  deepStrictEqual(readdirSync(directory), []);
  deepStrictEqual(log, []);
  strictEqual(readFileSync('/etc/passwd', 'latin1').length > 0, true);
});

test('a directory that only its owner can look into stays, is told, and is in nobody’s way', {
  skip: onlyRoot,
}, () => {
  const { uid, gid } = findAccount('nobody');
  const queue = temporaryDirectory();
  chownSync(queue, uid, gid);
  chmodSync(dirname(queue), 0o1777);
  const door = new URL('../../src/serve/proofs.ts', import.meta.url).href;
  const script = `
    import { setuid, setgid, getuid } from 'node:process';
    import { mkdirSync, chownSync, writeFileSync } from 'node:fs';
    const { openProofs } = await import(${JSON.stringify(door)});
    const queue = ${JSON.stringify(queue)};
    mkdirSync(queue + '/proof/shut/below', { recursive: true });
    mkdirSync(queue + '/proof/shut', { recursive: true, mode: 0o700 });
    (await import('node:fs')).chmodSync(queue + '/proof/shut', 0o700);
    (await import('node:fs')).chownSync(queue + '/proof', ${uid}, ${gid});
    process.setgroups([]); setgid(${gid}); setuid(${uid});
    const log = [];
    const proofs = openProofs(queue, (line) => log.push(line));
    const nonce = proofs.nonce();
    writeFileSync(queue + '/proof/' + nonce, '', { mode: 0o400 });
    console.log(JSON.stringify({ uid: proofs.take(nonce), log }));`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  strictEqual(ended.stderr, '');
  const { uid: proven, log } = JSON.parse(ended.stdout);
  strictEqual(proven, uid);
  strictEqual(log.length, 1);
  match(log[0], /^what somebody left in .*\/proof stays there: E(ACCES|PERM)/);
});
