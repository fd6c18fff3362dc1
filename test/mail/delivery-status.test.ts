import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deliveryStatus, statusOf } from '../../src/mail/delivery-status.ts';
import { textOf } from '../../src/system/index.ts';
import { notice } from '../support/notice.ts';

function fieldsFor(address: string, report: string, triedMs = 0): readonly string[] {
  const text = [...deliveryStatus(notice({ failures: () => [{ address, report, triedMs }] }))].map((piece) =>
    textOf(piece),
  );
  const [, recipient = ''] = text.join('').split('\n\n');
  return recipient.replaceAll(/\n[ \t]+/g, ' | ').split('\n');
}

test('the status is the first enhanced code that the report names', () => {
  assert.equal(statusOf('Sorry, no mailbox here by that name. (#5.1.1)\n'), '5.1.1');
  assert.equal(statusOf('later (#4.3.0)\nI give up'), '4.3.0');
  assert.equal(statusOf('(#x) (#5.7.26) (#5.1.1)'), '5.7.26');
  for (const none of [
    '',
    'no',
    '(#',
    '(#5.1.1',
    '(#2.0.0)',
    '(#5.1)',
    '(#5.1.1.1)',
    '(#5..1)',
    '(#5.1.1234)',
  ])
    assert.equal(statusOf(none), '5.0.0', none);
});

test('a group for the message, and one for each recipient (RFC 3464 2.2, 2.3)', () => {
  const failures = [
    { address: 'a b@x', report: 'no. (#5.1.1)\n', triedMs: Date.UTC(2026, 10, 5, 8, 44, 38) },
    { address: 'c@x', report: '', triedMs: 0 },
  ];
  const text = [...deliveryStatus(notice({ failures: () => failures }))]
    .map((piece) => textOf(piece))
    .join('');
  assert.equal(
    text,
    'Reporting-MTA: dns; hub.example\n' +
      'Arrival-Date: 1 Nov 2026 00:00:00 -0000\n' +
      '\n' +
      'Final-Recipient: rfc822; "a b"@x\n' +
      'Action: failed\n' +
      'Status: 5.1.1\n' +
      'Last-Attempt-Date: 5 Nov 2026 08:44:38 -0000\n' +
      'Diagnostic-Code: X-Qmail; no. (#5.1.1)\n' +
      '\n' +
      'Final-Recipient: rfc822; c@x\n' +
      'Action: failed\n' +
      'Status: 5.0.0\n',
  );
});

test('a report of several lines is one folded field', () => {
  const [, , , diagnostic] = fieldsFor('a@x', 'one\n\n \n\t two\nAction: delivered\n');
  assert.equal(diagnostic, 'Diagnostic-Code: X-Qmail; one | two | Action: delivered');
});

test('whatever addresses and reports are, the fields are these and ASCII', () => {
  const anything = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(anything, anything, (address, report) => {
      const names = fieldsFor(address, report, 1).filter((line) => line !== '');
      assert.deepEqual(names.map((line) => line.slice(0, line.indexOf(':'))).slice(0, 4), [
        'Final-Recipient',
        'Action',
        'Status',
        'Last-Attempt-Date',
      ]);
      assert.ok(names.length <= 5);
      for (const line of names) assert.match(line, /^[\x20-\x7e]+$/);
    }),
  );
});
