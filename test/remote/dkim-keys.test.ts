import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import {
  dkimDirectory,
  dkimKeysOf,
  findDkimKeys,
  hasDkimKeys,
  isSelector,
} from '../../src/remote/dkim-keys.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const system = nodeSystem([]);

function homeWith(files: Readonly<Record<string, string>>) {
  const home = temporaryHome({});
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(`${home}/control/dkim/${path.slice(0, path.indexOf('/'))}`, { recursive: true });
    writeFileSync(`${home}/control/dkim/${path}`, text);
  }
  return openControl(system, home);
}

test('a domain has its own keys, or those of a domain above it', () => {
  const control = homeWith({
    'example.org/b.key': 'B',
    'example.org/a.key': 'A',
    'example.org/old.txt': 'no key',
    'example.org/Not A Selector.key': 'no key',
    'sub.example.org/c.key': 'C',
    'empty.example.org/readme': '',
  });
  const found = (domain: string) =>
    findDkimKeys(system, control, domain).map(({ selector, privateKey, domain: of }) => [
      of,
      selector,
      privateKey,
    ]);
  const own = [
    ['example.org', 'a', 'A'],
    ['example.org', 'b', 'B'],
  ];
  deepStrictEqual(found('example.org'), own);
  deepStrictEqual(found('box.example.org'), own);
  deepStrictEqual(found('empty.example.org'), own);
  deepStrictEqual(found('box.sub.example.org'), [['sub.example.org', 'c', 'C']]);
  deepStrictEqual(found('example.com'), []);
  deepStrictEqual(found('org'), []);
  deepStrictEqual(dkimKeysOf(system, control, 'box.example.org'), []);
});

test('a host without the directory signs nothing', () => {
  const control = homeWith({});
  strictEqual(hasDkimKeys(system, control), false);
  mkdirSync(dkimDirectory(control));
  strictEqual(hasDkimKeys(system, control), false);
  strictEqual(hasDkimKeys(system, homeWith({ 'a.b/x': '' })), true);
});

test('more keys than can be meant are refused, and what cannot be read is named', () => {
  const control = homeWith(
    Object.fromEntries(['1', '2', '3', '4', '5'].map((name) => [`a.b/${name}.key`, ''])),
  );
  throws(() => findDkimKeys(system, control, 'a.b'), /dkim\/a\.b has more than 4 keys/);
  const broken = homeWith({ 'a.b/x': '' });
  symlinkSync('loop.key', `${broken.directory}/dkim/a.b/loop.key`);
  throws(() => findDkimKeys(system, broken, 'a.b'), /dkim\/a\.b\/loop\.key/);
});

test('a selector is part of a name in DNS', () => {
  for (const good of ['a', '2026-rsa', 'a.b', '_x']) strictEqual(isSelector(good), true, good);
  for (const bad of ['', '.', '..', 'a b', 'A', 'a/b']) strictEqual(isSelector(bad), false, bad);
});
