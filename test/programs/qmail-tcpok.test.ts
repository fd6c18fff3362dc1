import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { openTimeouts, timeoutsFile } from '../../src/remote/index.ts';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';

test('all hosts are forgotten', async () => {
  const home = temporaryHome();
  mkdirSync(`${home}/queue/lock`, { recursive: true });
  const timeouts = () => openTimeouts({ path: `${home}/${timeoutsFile}`, now: Date.now, spread: 0 });
  timeouts().timedOut('192.0.2.7');
  strictEqual(timeouts().list().length, 1);
  deepStrictEqual(await runHere(home, 'qmail-tcpok'), { exit: 0, stdout: '', stderr: '' });
  strictEqual(timeouts().list().length, 0);
  strictEqual((await runHere(home, 'qmail-tcpto')).stdout, '');
});

test('nothing to forget, and calls that are wrong', async () => {
  strictEqual((await runHere(temporaryHome(), 'qmail-tcpok')).exit, 0);
  strictEqual((await runHere(temporaryHome(), 'qmail-tcpok', 'x')).exit, 100);
});
