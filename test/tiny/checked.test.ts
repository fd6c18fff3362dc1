import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { checked, failedWith, failureOf } from '../../src/tiny/checked.ts';
import { errno, fakeHost } from '../support/fake-host.ts';

const { host } = fakeHost({});
const enoent = errno['ENOENT'] ?? 0;

test('an answer that is no error passes', () => {
  strictEqual(checked(host, 0, 'open', '/x'), 0);
  strictEqual(checked(host, 7, 'open', '/x'), 7);
});

test('an error names its reason, the call and the path', () => {
  throws(() => checked(host, -enoent, 'open', '/x'), {
    name: 'SystemError',
    code: 'ENOENT',
    message: `ENOENT: text of ${enoent}, open '/x'`,
  });
});

test('an error that the host has no name for is a number', () => {
  strictEqual(failureOf(host, 9999, 'poll').code, 'E9999');
});

test('a reason is known by its name', () => {
  strictEqual(failedWith(host, -enoent, 'EINTR', 'ENOENT'), true);
  strictEqual(failedWith(host, -enoent, 'EINTR'), false);
  strictEqual(failedWith(host, enoent, 'ENOENT'), false);
});
