import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { makeSpool, spoolPaths, syncDirectory } from '../../src/satellite/spool-paths.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);

test('a spool is made, for its owner alone, and made again without harm', () => {
  const directory = `${temporaryDirectory()}/spool`;
  makeSpool(system, directory);
  makeSpool(system, directory);
  deepStrictEqual(readdirSync(directory).sort(), ['failed', 'hubs', 'queue', 'tally']);
  for (const path of [directory, ...Object.values(spoolPaths(directory))]) {
    strictEqual(statSync(path).mode & 0o7777, 0o700, path);
  }
});

test('what is around it must be there', () => {
  throws(() => makeSpool(system, `${temporaryDirectory()}/missing/spool`), { code: 'ENOENT' });
  throws(() => syncDirectory(system, `${temporaryDirectory()}/missing`), { code: 'ENOENT' });
});
