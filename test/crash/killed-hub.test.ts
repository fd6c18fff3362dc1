import { test } from 'node:test';
import { executablesMissing } from '../support/built-hub.ts';
import { killedHub } from './killed-hub.ts';

test(
  'a hub that is killed 10 times under load loses nothing that it has accepted',
  {
    skip: executablesMissing,
  },
  (context) => killedHub(context, { kills: 10, submitters: 8 }),
);
