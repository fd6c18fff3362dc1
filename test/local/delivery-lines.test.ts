import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryLines } from '../../src/local/delivery-lines.ts';

const nowMs = Date.UTC(2026, 10, 5, 8, 44, 38);

test('three lines, each with its LF', () => {
  assert.deepEqual(deliveryLines('s@x.y', 'joe@ref.test', nowMs), {
    from: 'From s@x.y Thu Nov 05 08:44:38 2026\n',
    returnPath: 'Return-Path: <s@x.y>\n',
    deliveredTo: 'Delivered-To: joe@ref.test\n',
  });
});

test('an empty sender is <>, and MAILER-DAEMON in an mbox', () => {
  const lines = deliveryLines('', 'joe@ref.test', nowMs);
  assert.equal(lines.returnPath, 'Return-Path: <>\n');
  assert.equal(lines.from, 'From MAILER-DAEMON Thu Nov 05 08:44:38 2026\n');
});

test('a sender is quoted where its bytes need it, and blanks become hyphens in an mbox', () => {
  const lines = deliveryLines('a b\tc@x.y', 'joe@ref.test', nowMs);
  assert.equal(lines.returnPath, 'Return-Path: <"a b\tc"@x.y>\n');
  assert.equal(lines.from, 'From a-b-c@x.y Thu Nov 05 08:44:38 2026\n');
});

test('an LF in an address cannot begin a line of its own', () => {
  const lines = deliveryLines('a\nb@x.y', 'j\no\ne@ref.test', nowMs);
  assert.equal(lines.returnPath, 'Return-Path: <"a\\_b"@x.y>\n');
  assert.equal(lines.from, 'From a-b@x.y Thu Nov 05 08:44:38 2026\n');
  assert.equal(lines.deliveredTo, 'Delivered-To: j_o_e@ref.test\n');
});
