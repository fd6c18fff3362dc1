import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ask, BrokenOff, hear } from '../../../src/remote/smtp/conversation.ts';
import { converse } from '../../support/converse.ts';

test('a command is said and its reply heard', () => {
  deepStrictEqual(converse(ask('NOOP'), ['250 ok\r\n']), {
    result: { code: 250, text: '250 ok' },
    said: 'NOOP\r\n',
  });
});

test('who hangs up breaks off', () => {
  throws(() => converse(ask('NOOP'), []), BrokenOff);
  throws(() => converse(ask('NOOP'), ['250-half\r\n']), { message: 'connection died' });
});

test('a conversation that is told nothing is a mistake of whoever carries it', () => {
  const conversation = hear();
  strictEqual(conversation.next().done, false);
  throws(() => conversation.next(undefined), /only when it has heard/);
});
