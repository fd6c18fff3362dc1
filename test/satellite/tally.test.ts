import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeSpool, spoolPaths } from '../../src/satellite/spool-paths.ts';
import { addToTally, blockBytes, countAgain, readTally } from '../../src/satellite/tally.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);

function spool(): string {
  const directory = `${temporaryDirectory()}/spool`;
  makeSpool(system, directory);
  return directory;
}

test('each message and its blocks are added', () => {
  const directory = spool();
  strictEqual(readTally(system, directory), undefined);
  addToTally(system, directory, 1);
  deepStrictEqual(readTally(system, directory), { messages: 1, bytes: blockBytes });
  addToTally(system, directory, blockBytes + 1);
  deepStrictEqual(readTally(system, directory), { messages: 2, bytes: 3 * blockBytes });
  addToTally(system, directory, 400_000_000);
  strictEqual(readTally(system, directory)?.bytes, 3 * blockBytes + 400_003_072);
});

test('what the names say is counted again', () => {
  const directory = spool();
  addToTally(system, directory, 1_000_000);
  const { queue } = spoolPaths(directory);
  writeFileSync(`${queue}/000000000000001.${'a'.repeat(16)}.5000.0`, '');
  writeFileSync(
    `${queue}/000000000000002.${'b'.repeat(16)}.1.3.000000000000002,1.2.3.4:628@${'c'.repeat(16)}`,
    '',
  );
  writeFileSync(`${queue}/lock.${'c'.repeat(16)}`, '');
  const usage = { messages: 2, bytes: 3 * blockBytes };
  deepStrictEqual(countAgain(system, directory), usage);
  deepStrictEqual(readTally(system, directory), usage);
});
