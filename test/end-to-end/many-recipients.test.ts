/** The short form; `npm run torture` has the long one. */
import { test } from 'node:test';
import { executablesMissing } from '../support/built-hub.ts';
import { manyRecipients } from './many-recipients.ts';

const skip = executablesMissing || (process.platform !== 'linux' && 'peaks of memory are read from /proc');

test('one message to 20,000 recipients in one session', { skip }, (context) =>
  manyRecipients(context, { local: 1000, remote: 19_000 }),
);
