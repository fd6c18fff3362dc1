/** The page of .qmail files names all that a program gets, and the limits that hold. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { deliverLocally } from '../../src/local/index.ts';
import { dotQmail } from '../../src/programs/dot-qmail.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';

test('each variable of a program has an entry, and each entry is a variable', async () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-default`, '|env -0 | cut -z -d= -f1 | tr "\\0" "\\n"\n');
  const variables: Readonly<Record<string, string>> = { QMAILHOME: '/q', QMAILQUEUE: '/q/x', TZ: 'UTC' };
  const { text } = await deliverLocally(
    {
      user: 'joe',
      home,
      local: 'joe-x',
      dash: '-',
      extension: 'x',
      domain: 'ref.test',
      delivery: '#',
      sender: 's@x.y',
      body: messageBody('Subject: x\n\n'),
      nowMs: Date.now(),
    },
    {
      system: { ...nodeSystem([]), env: (name) => variables[name] },
      queue: () => Promise.reject(new Error('nothing is forwarded here')),
    },
  );
  const shells = ['PWD', 'OLDPWD', 'SHLVL', '_'];
  const given = text.split('\n').filter((name) => /^\w+$/.test(name) && !shells.includes(name));
  const named = (dotQmail.environment ?? []).flatMap(([names]) => names.split(', '));
  deepStrictEqual(given.sort(), named.sort());
});

test('it is the page of a format', () => {
  deepStrictEqual([dotQmail.section, dotQmail.synopsis], [5, []]);
  ok(dotQmail.description.length > 0);
});
