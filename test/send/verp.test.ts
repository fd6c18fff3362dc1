import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounceRecipient, senderFor } from '../../src/send/verp.ts';

test('a sender with the mark names the recipient, split at the last @ of each', () => {
  assert.equal(senderFor('list-@host-@[]', 'r@d'), 'list-r=d@host');
  assert.equal(senderFor('a@b-@host-@[]', 'x@y@d'), 'a@b-x@y=d@host');
  assert.equal(senderFor('list-@host', 'r@d'), 'list-@host');
  assert.equal(senderFor('', 'r@d'), '');
  assert.equal(senderFor('#@[]', 'r@d'), '#@[]');
});

test('the mark goes where there is nothing to put in its place', () => {
  assert.equal(senderFor('list-@host-@[]', 'r'), 'list-@host');
  assert.equal(senderFor('list-@[]', 'r@d'), 'list');
  assert.equal(senderFor('-@[]', 'r@d'), '');
});

test('a bounce goes to the sender without the mark', () => {
  assert.equal(bounceRecipient('list-@host-@[]'), 'list-@host');
  assert.equal(bounceRecipient('joe@host'), 'joe@host');
  assert.equal(bounceRecipient(''), '');
  assert.equal(bounceRecipient('#@[]'), '#@[]');
});
