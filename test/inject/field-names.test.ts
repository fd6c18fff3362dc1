/** Which fields mean what to qmail-inject. */
import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  droppedFields,
  recipientFields,
  resentMarks,
  resentRecipientFields,
  senderFields,
} from '../../src/inject/field-names.ts';

test('a message goes to recipients, and to none of those who sent it', () => {
  for (const name of [...recipientFields, ...resentRecipientFields]) ok(!senderFields.has(name), name);
});

test('whatever a resent message goes to says that it is resent', () => {
  for (const name of resentRecipientFields) ok(resentMarks.has(name), name);
  for (const name of recipientFields) ok(!resentMarks.has(name), name);
});

test('blind copies do not leave', () => {
  ok(droppedFields.has('bcc') && droppedFields.has('resent-bcc'));
});
