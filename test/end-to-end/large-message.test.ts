import { test } from 'node:test';
import { executablesMissing } from '../support/built-hub.ts';
import { largeMessage } from './large-message.ts';

const notLinux = process.platform !== 'linux' && 'peaks of memory are read from /proc';

test(
  '300 MB pass from a satellite to a Maildir through little memory, and arrive whole',
  {
    skip: executablesMissing || notLinux,
  },
  (context) => largeMessage(context, 300_000_000),
);
