import { deepStrictEqual, match } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { readUsage } from '../../../src/serve/index.ts';
import { openUsage } from '../../../src/serve/satellites/usage.ts';
import { temporaryDirectory } from '../../support/home.ts';

const none = { lastMs: 0, messages: 0, recipients: 0, bytes: 0 };

test('counts go on from one listener to the next', () => {
  const directory = temporaryDirectory();
  let nowMs = 1000;
  for (let round = 0; round < 2; round += 1) {
    const usage = openUsage({ directory, now: () => nowMs, log: () => {} });
    usage.heard('box');
    nowMs += 1000;
    usage.sent('box', 3, 100);
    usage.sent('web', 1, 7);
    usage.close();
  }
  deepStrictEqual(readUsage(directory, 'box'), { lastMs: 3000, messages: 2, recipients: 6, bytes: 200 });
  deepStrictEqual(readUsage(directory, 'web'), { lastMs: 3000, messages: 2, recipients: 2, bytes: 14 });
});

test('nothing is known of others, and nothing is learnt from a damaged file', () => {
  const directory = temporaryDirectory();
  deepStrictEqual(readUsage(directory, 'box'), none);
  writeFileSync(`${directory}/box`, 'x y z\n');
  deepStrictEqual(readUsage(directory, 'box'), none);
});

test('what cannot be written is told, and stops nobody', () => {
  const directory = temporaryDirectory();
  const lines: string[] = [];
  const usage = openUsage({ directory, now: () => 1, log: (line) => lines.push(line) });
  rmSync(directory, { recursive: true });
  usage.heard('box');
  usage.close();
  match(lines[0] ?? '', /^warning: control\/satellites\/\.heard\/box: ENOENT/);
});

test('two listeners of one process do not forget what the other has counted', () => {
  const directory = temporaryDirectory();
  const usages = [1, 2].map(() => openUsage({ directory, now: () => 1, log: () => {} }));
  for (const usage of usages) usage.sent('box', 1, 10);
  for (const usage of usages) usage.close();
  deepStrictEqual(readUsage(directory, 'box'), { lastMs: 1, messages: 2, recipients: 2, bytes: 20 });
});
