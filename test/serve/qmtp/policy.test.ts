import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { judgeQmtpRecipient } from '../../../src/serve/index.ts';

const hosts = { has: (domain: string) => domain === 'here.example' };

test('without RELAYCLIENT, domains that are ours and recipients without a domain', () => {
  for (const [address, taken] of [
    ['a@here.example', true],
    ['a', true],
    ['a@there.example', false],
    ['a@', false],
    ['a@here.example@there.example', false],
  ] as const) {
    strictEqual(judgeQmtpRecipient(address, hosts, undefined, 100).ok, taken, address);
  }
});

test('RELAYCLIENT opens everything, and is appended', () => {
  deepStrictEqual(judgeQmtpRecipient('a@there', hosts, '', 100), { ok: true, address: 'a@there' });
  deepStrictEqual(judgeQmtpRecipient('a@there', hosts, '@r', 9), { ok: true, address: 'a@there@r' });
  strictEqual(judgeQmtpRecipient('a@there', hosts, '@r', 8).ok, false);
});
