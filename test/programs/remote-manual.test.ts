/** What the pages of qmail-remote and qmail-rspawn share is there once, in order. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { qmailRemote } from '../../src/programs/qmail-remote.ts';
import { qmailRspawn } from '../../src/programs/qmail-rspawn.ts';
import { remoteControls, remoteLimits } from '../../src/programs/remote-manual.ts';

test('both pages have the same controls and limits', () => {
  const names = remoteControls.map(([name]) => name);
  deepStrictEqual(names, [...names].sort());
  for (const { manual } of [qmailRemote, qmailRspawn]) {
    for (const [name] of remoteControls)
      ok(
        manual.controls?.some(([other]) => other === name),
        name,
      );
    for (const [name] of remoteLimits)
      ok(
        manual.limits?.some(([other]) => other === name),
        name,
      );
  }
});
