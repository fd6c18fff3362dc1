import { test } from 'node:test';
import { queueManager } from './queue-manager.ts';

test('whatever happens, each accepted recipient is in one state, and none is lost, repeated or forgotten', () =>
  queueManager({ runs: 200, commandsMax: 40 }));
