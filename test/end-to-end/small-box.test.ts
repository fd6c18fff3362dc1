/** On a copy of this host; `npm run torture -- 'small box'` does it with 1,000 messages on a fresh Debian without Node. */
import { deepStrictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { test } from 'node:test';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { postfixMissing } from '../support/postfix.ts';
import { privateHostMissing } from '../support/private-host.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { testSpool } from '../support/spool.ts';
import { tinyExecutable, tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';
import { smallBox } from './small-box.ts';

const skip =
  tinyMissing ||
  executablesMissing ||
  privateHostMissing ||
  postfixMissing() ||
  needs('cron', 'bsd-mailx').skip;

test(
  'with 4 MB of memory, the mail of cron and mail and what has waited reach our hub and Postfix',
  { skip },
  (context) =>
    smallBox(context, {
      messages: 20,
      executable: '/tree/dist/mini-qmail-tiny',
      binds: { '/tree/dist': `${top}/dist` },
    }),
);

/** So many that not all of their names are held at the same time ... */
const waiting = 5000;

/** ... and as many as are claimed in three rounds. */
const limit = 300;

test('with 4 MB a flush sends whatever number of messages waits', { skip: tinyMissing }, async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([hub.text]);
  spool.keep('Subject: one of many\n\n');
  const [first = ''] = spool.names();
  const queue = `${spool.settings.directory}/queue`;
  for (let number = 1; number < waiting; number += 1) {
    const id = number.toString(16).padStart(16, '0');
    linkSync(`${queue}/${first}`, `${queue}/${first.replace(/\.[0-9a-f]{16}\./, `.${id}.`)}`);
  }
  const child = spawn('sh', ['-c', `ulimit -v 4096; exec '${tinyExecutable}' qmail-flush --limit ${limit}`], {
    env: { QMAILHOME: spool.home, PATH: '/usr/bin:/bin' },
    stdio: 'inherit',
  });
  const [exit] = await once(child, 'close');
  deepStrictEqual([exit, hub.received.length, spool.names().length], [111, limit, waiting - limit]);
});
