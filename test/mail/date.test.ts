import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDate, formatLocalDate, formatMboxDate, formatTimestamp } from '../../src/mail/index.ts';

const morning = Date.UTC(2026, 10, 5, 8, 4, 9, 999);
const leapDay = Date.UTC(2028, 1, 29, 23, 59, 59);

test('the day of the month stands without a zero in a header, with one in an mbox', () => {
  assert.equal(formatDate(morning), '5 Nov 2026 08:04:09 -0000');
  assert.equal(formatMboxDate(morning), 'Thu Nov 05 08:04:09 2026');
  assert.equal(formatTimestamp(morning), '20261105080409');
});

test('the last second of a leap day', () => {
  assert.equal(formatDate(leapDay), '29 Feb 2028 23:59:59 -0000');
  assert.equal(formatMboxDate(leapDay), 'Tue Feb 29 23:59:59 2028');
  assert.equal(formatTimestamp(leapDay), '20280229235959');
  assert.equal(formatDate(0), '1 Jan 1970 00:00:00 -0000');
});

test('what is written is the second that was meant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
      assert.equal(Date.parse(formatDate(seconds * 1000)), seconds * 1000);
      assert.equal(Date.parse(`${formatMboxDate(seconds * 1000)} GMT`), seconds * 1000);
      assert.match(formatTimestamp(seconds * 1000), /^\d{14}$/);
    }),
  );
});

test('a local zone is ahead of GMT or behind it, by whole minutes', () => {
  assert.equal(formatLocalDate(morning, 60), '5 Nov 2026 09:04:09 +0100');
  assert.equal(formatLocalDate(morning, -9.5 * 60), '4 Nov 2026 22:34:09 -0930');
  assert.equal(formatLocalDate(morning, 0), '5 Nov 2026 08:04:09 +0000');
  assert.equal(formatLocalDate(leapDay, 1), '1 Mar 2028 00:00:59 +0001');
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_102_444_800 }),
      fc.integer({ min: -840, max: 840 }),
      (seconds, minutes) => {
        assert.equal(Date.parse(formatLocalDate(seconds * 1000, minutes)), seconds * 1000);
      },
    ),
  );
});
