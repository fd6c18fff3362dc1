import { test } from 'node:test';
import { executablesMissing } from '../support/built-hub.ts';
import { needs } from '../support/foreign.ts';
import { manyMessages } from './many-messages.ts';

test(
  '2,000 messages from 50 connections are 2,000 files, byte for byte what was sent',
  {
    skip: executablesMissing || needs('qmqp-source').skip,
  },
  (context) => manyMessages(context, { messages: 2000, sessions: 50, sizeBytes: 1500 }),
);
