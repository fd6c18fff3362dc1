import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { findHubAccounts, hubAccountNames } from '../../src/programs/hub-accounts.ts';
import { builtExecutable } from '../support/executables.ts';
import { hubIds } from '../support/hub-host.ts';
import { startPrivateHost } from '../support/private-host.ts';
import { separatedHubMissing } from '../support/separated-hub.ts';

test('the users are those that scripts/install makes', () => {
  const install = readFileSync(new URL('../../scripts/install', import.meta.url), 'utf8');
  for (const name of Object.values(hubAccountNames)) match(install, new RegExp(`\\b${name}\\b`));
  strictEqual(new Set(Object.values(hubAccountNames)).size, 6);
});

const present = (() => {
  try {
    findHubAccounts();
    return true;
  } catch {
    return false;
  }
})();

test('one that is missing is named, with what makes it', {
  skip: present && 'this host has them all',
}, () => {
  throws(findHubAccounts, /^Error: there is no user \w+: scripts\/install makes the users of a hub$/);
});

test('a host without them starts no hub: 111', {
  skip: separatedHubMissing,
}, async (context) => {
  const binds = { '/opt/mini-qmail': dirname(builtExecutable('mini-qmail')) };
  const bare = await startPrivateHost({ binds });
  context.after(() => bare.close());
  const { exit, stderr } = await bare.run(['/opt/mini-qmail/mini-qmail', 'qmail-start']);
  strictEqual(exit, 111);
  match(stderr, /^qmail-start: there is no user \w+: scripts\/install makes the users of a hub\n$/);
  deepStrictEqual(Object.keys(hubIds).sort(), Object.values(hubAccountNames).sort());
});
