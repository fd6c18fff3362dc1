import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeFromAliases, makeFromTable } from '../../src/alias/make-database.ts';
import { openCdb } from '../../src/cdb/index.ts';
import { type System, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

const directory = temporaryDirectory();
const file = { path: `${directory}/table.cdb`, temporary: `${directory}/table.tmp` };

function reading(stdin: string): System {
  const { system } = memorySystem({ stdin, pieces: [3] });
  return { ...nodeSystem([]), files: { ...nodeSystem([]).files, read: system.files.read } };
}

function records(path: string) {
  const cdb = openCdb(path);
  const all = [...cdb.records()].map(({ key, data }) => [textOf(key), textOf(data)]);
  cdb.close();
  return all;
}

test('a table becomes a database that everybody may read', () => {
  makeFromTable(reading('A@b: c@d; @e: ?f@g, h@i;'), file);
  deepStrictEqual(records(file.path), [
    [':a@b', '&c@d\0'],
    ['?@e', 'f@g'],
    [':@e', '&h@i\0'],
  ]);
  strictEqual(statSync(file.path).mode & 0o777, 0o644);
});

test("tinycdb's cdb reads it", needs('cdb'), () => {
  makeFromTable(reading('a@b: c@d, |e;'), file);
  strictEqual(execFileSync('cdb', ['-q', file.path, ':a@b'], { encoding: 'latin1' }), '&c@d\0|e\0');
});

test('what is wrong with a table leaves the old database alone', () => {
  makeFromTable(reading('a@b: c@d;'), file);
  throws(() => makeFromTable(reading('x@y: z@z; a@b'), file), /semicolon/);
  deepStrictEqual(records(file.path), [[':a@b', '&c@d\0']]);
  deepStrictEqual(readdirSync(directory), ['table.cdb']);
});

test('an alias file becomes a database beside it', () => {
  const path = `${directory}/aliases`;
  const warnings: string[] = [];
  const completion = { host: 'h.x', domain: 'd.x', plus: 'p.x' };
  const options = { completion, warn: (text: string) => void warnings.push(text) };
  writeFileSync(path, 'a: b\nc: d');
  makeFromAliases(nodeSystem([]), path, options);
  deepStrictEqual(records(`${path}.cdb`), [[':a@', '&b@h.x\0']]);
  match(warnings.join(), /left out/);
  writeFileSync(path, 'a: "b\n');
  throws(() => makeFromAliases(nodeSystem([]), path, options), /unable to parse/);
  deepStrictEqual(records(`${path}.cdb`).length, 1);
  throws(() => makeFromAliases(nodeSystem([]), `${directory}/none`, options), { code: 'ENOENT' });
});
