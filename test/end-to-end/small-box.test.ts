/** On a copy of this host; `npm run torture -- 'small box'` does it with 1,000 messages on a fresh Debian without Node. */
import { test } from 'node:test';
import { bodies } from '../support/bodies.ts';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { postfixMissing } from '../support/postfix.ts';
import { privateHostMissing } from '../support/private-host.ts';
import { top } from '../support/sources.ts';
import { smallBox } from './small-box.ts';

const tiny = bodies.find(({ name }) => name === 'tiny');

const skip =
  tiny?.missing ||
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
