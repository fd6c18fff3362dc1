import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { openTimeouts, timeoutsFile } from '../../src/remote/index.ts';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';

/** A home in which these hosts have timed out ten minutes ago, each as often as it says. */
function homeWithTimeouts(hosts: Readonly<Record<string, number>>): string {
  const home = temporaryHome();
  mkdirSync(`${home}/queue/lock`, { recursive: true });
  for (const [address, times] of Object.entries(hosts)) {
    for (let time = times; time > 0; time -= 1) {
      const now = () => Date.now() - time * 600_000;
      openTimeouts({ path: `${home}/${timeoutsFile}`, now, spread: 0 }).timedOut(address);
    }
  }
  return home;
}

test('hosts that did not answer, as the original prints them', async () => {
  const home = homeWithTimeouts({ '192.0.2.7': 1, '2001:db8::7': 2 });
  const { exit, stdout } = await runHere(home, 'qmail-tcpto');
  strictEqual(exit, 0);
  match(
    stdout,
    /^192\.0\.2\.7 timed out 60\d seconds ago; # recent timeouts: 1\n2001:db8::7 timed out 60\d seconds ago; # recent timeouts: 2\n$/,
  );
});

test('none, and calls that are wrong', async () => {
  deepStrictEqual(await runHere(temporaryHome(), 'qmail-tcpto'), { exit: 0, stdout: '', stderr: '' });
  strictEqual((await runHere(temporaryHome(), 'qmail-tcpto', 'x')).exit, 100);
});
