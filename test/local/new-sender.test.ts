import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { newSender } from '../../src/local/new-sender.ts';
import { temporaryDirectory } from '../support/home.ts';

function senderIn(home: string, changes: Partial<Parameters<typeof newSender>[0]> = {}) {
  const job = { home, dash: '-', extension: 'List', local: 'joe-List', domain: 'ref.test', sender: 's@x.y' };
  const found = newSender({ ...job, ...changes });
  return found.ok ? found.sender : assert.fail(found.answer.text);
}

test('without an owner the sender stays', () => {
  const home = temporaryDirectory();
  assert.equal(senderIn(home), 's@x.y');
  writeFileSync(`${home}/.qmail-list-owner-default`, '');
  assert.equal(senderIn(home), 's@x.y');
});

test('the owner of a list, and one for each of its members', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-list-owner`, '');
  assert.equal(senderIn(home), 'joe-List-owner@ref.test');
  // Anything of that name will do.
  mkdirSync(`${home}/.qmail-list-owner-default`);
  assert.equal(senderIn(home), 'joe-List-owner-@ref.test-@[]');
});

test('bounces keep their sender', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-list-owner`, '');
  assert.equal(senderIn(home, { sender: '' }), '');
  assert.equal(senderIn(home, { sender: '#@[]' }), '#@[]');
});

test('an address without extension can have an owner too', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-owner`, '');
  assert.equal(senderIn(home, { dash: '', extension: '', local: 'joe' }), 'joe-owner@ref.test');
});
