/** What the manual pages say of variables, control files and limits is what the code reads. */
import { ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { headerLimits, recipientsMax } from '../../src/inject/index.ts';
import {
  injectControls,
  injectDescription,
  injectEnvironment,
  injectLimits,
} from '../../src/programs/inject-environment.ts';

const settings = readFileSync(new URL('../../src/inject/settings.ts', import.meta.url), 'utf8');

test('every variable that is read is described, and every one that is described is read', () => {
  const described = injectEnvironment.flatMap(([term]) => term.split(', '));
  const read = [...settings.matchAll(/'((?:QMAIL|MAIL|USER|LOGNAME|NAME)[A-Z]*)'/g)].map(
    ([, name = '']) => name,
  );
  for (const name of read) ok(described.includes(name), name);
  for (const name of described) ok(read.includes(name) || ['QMAILQUEUE', 'QMAILHOME'].includes(name), name);
});

test('every control file that is read is described', () => {
  const described = injectControls.map(([term]) => term);
  for (const name of ['defaultdomain', 'defaulthost', 'plusdomain', 'idhost', 'me', 'qmailqueue'])
    ok(described.includes(name));
  ok(injectDescription.includes('control/defaulthost'));
});

test('the limits are the ones in force', () => {
  const text = JSON.stringify(injectLimits);
  for (const value of [...Object.values(headerLimits), recipientsMax])
    ok(text.includes(`${value} `), String(value));
});
