/** The executables for arm64, where they were built and can be run. */
import { test } from 'node:test';
import { arm64Missing } from '../support/arm64.ts';
import { arm64 } from './arm64.ts';

test(
  'the executables for arm64: one message through each program of the satellite, to a hub',
  {
    skip: arm64Missing,
  },
  arm64,
);
