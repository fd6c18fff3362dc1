import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  createMatcher,
  everything,
  type Filter,
  isEverything,
  type QueuedMessage,
  type QueuedRecipient,
} from '../../src/queue/index.ts';

const message: QueuedMessage = {
  id: 17,
  birthMs: 1000,
  caller: 'network',
  host: '192.0.2.1',
  sender: 'Root@Box.example',
  sizeBytes: 5,
  headerMessageId: '<a.b@box.example>',
};

const recipient: QueuedRecipient = {
  id: 17 * 2 ** 20,
  messageId: 17,
  address: 'joe@Mail.Example.com',
  state: 'waiting',
  rank: 0,
  attempts: 1,
  triedMs: 1000,
  dueMs: 2000,
  report: '',
};

function fits(part: Partial<Filter>): boolean {
  const matcher = createMatcher({ ...everything, ...part });
  return matcher.fitsMessage(message) && matcher.fitsRecipient(recipient);
}

test('nothing asked fits everything', () => {
  strictEqual(fits({}), true);
  strictEqual(isEverything(everything), true);
});

test('each question is one', () => {
  const questions: readonly Partial<Filter>[] = [
    { messages: ['17'] },
    { senders: [''] },
    { recipients: ['a@b'] },
    { domains: ['b'] },
    { hosts: [''] },
    { states: ['held'] },
    { beforeMs: 0 },
  ];
  for (const question of questions) strictEqual(isEverything({ ...everything, ...question }), false);
});

test('messages by number and by Message-ID, with and without its brackets', () => {
  strictEqual(fits({ messages: ['17'] }), true);
  strictEqual(fits({ messages: ['017'] }), true);
  strictEqual(fits({ messages: ['<a.b@box.example>'] }), true);
  strictEqual(fits({ messages: ['a.b@box.example'] }), true);
  strictEqual(fits({ messages: ['18', 'a.b@box.example'] }), true);
  strictEqual(fits({ messages: ['18'] }), false);
  strictEqual(fits({ messages: ['A.b@box.example'] }), false);
});

test('a message without a Message-ID has no empty one', () => {
  const matcher = createMatcher({ ...everything, messages: [''] });
  strictEqual(matcher.fitsMessage({ ...message, headerMessageId: '' }), false);
});

test('numbers alone say where to look', () => {
  const numbers = (messages: readonly string[]) => createMatcher({ ...everything, messages }).numbers;
  deepStrictEqual(numbers(['20', '3', '20']), [3, 20]);
  strictEqual(numbers(['20', 'a@b']), undefined);
  strictEqual(numbers([]), undefined);
  // What is no exact number is the name of nothing that the queue gave a number.
  strictEqual(numbers(['99999999999999999999']), undefined);
});

test('addresses, domains and hosts without regard to case', () => {
  strictEqual(fits({ senders: ['root@bOX.example'] }), true);
  strictEqual(fits({ senders: ['root@box.example.com'] }), false);
  strictEqual(fits({ senders: [''] }), false);
  strictEqual(fits({ recipients: ['JOE@mail.example.com'] }), true);
  strictEqual(fits({ recipients: ['mail.example.com'] }), false);
  strictEqual(fits({ domains: ['mail.EXAMPLE.com'] }), true);
  strictEqual(fits({ hosts: ['192.0.2.1'] }), true);
  strictEqual(fits({ hosts: [''] }), false);
});

test('a domain with a dot before it stands for those below it', () => {
  strictEqual(fits({ domains: ['.example.com'] }), true);
  strictEqual(fits({ domains: ['.com'] }), true);
  strictEqual(fits({ domains: ['example.com'] }), false);
  strictEqual(fits({ domains: ['.mail.example.com'] }), false);
  strictEqual(fits({ domains: ['.ample.com'] }), false);
});

test('a recipient without a domain has the empty one', () => {
  const matcher = createMatcher({ ...everything, domains: [''] });
  strictEqual(matcher.fitsRecipient({ ...recipient, address: 'root' }), true);
  strictEqual(matcher.fitsRecipient(recipient), false);
});

test('one value of a list is enough, and all lists must fit', () => {
  strictEqual(fits({ states: ['held', 'waiting'], hosts: ['192.0.2.9', '192.0.2.1'] }), true);
  strictEqual(fits({ states: ['held', 'waiting'], hosts: ['192.0.2.9'] }), false);
  strictEqual(fits({ beforeMs: 1001 }), true);
  strictEqual(fits({ beforeMs: 1000 }), false);
});

test('what is asked of recipients is told from what is asked of messages', () => {
  const asks = (part: Partial<Filter>) => createMatcher({ ...everything, ...part }).asksRecipients;
  strictEqual(asks({ messages: ['1'], senders: ['a'], hosts: ['b'], beforeMs: 1 }), false);
  for (const part of [{ recipients: ['a'] }, { domains: ['a'] }, { states: ['held'] as const }]) {
    strictEqual(asks(part), true);
  }
});
