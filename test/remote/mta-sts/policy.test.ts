import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  maxAgeSecondsMax,
  parseStsPolicy,
  policyHostsMax,
  stsAllows,
  stsId,
} from '../../../src/remote/mta-sts/policy.ts';
import { everyText } from '../../support/every-text.ts';

test('a record has an id', () => {
  for (const [records, id] of [
    [['v=STSv1; id=20260101T000000;'], '20260101T000000'],
    [['v=STSv1;id=a'], 'a'],
    [['other', 'v=STSv1; x=y; id=a1 ; '], 'a1'],
    [[], undefined],
    [['v=STSv1;'], undefined],
    [['v=STSv1; id=;'], undefined],
    [['v=STSv1; id=a b'], undefined],
    [[`v=STSv1; id=${'a'.repeat(33)}`], undefined],
    [['v=STSv12; id=a'], undefined],
    [['v=STSv1; id=a', 'v=STSv1; id=b'], undefined],
  ] as const) {
    strictEqual(stsId(records), id, records.join());
  }
});

test('a policy', () => {
  const text =
    'version: STSv1\r\nmode: enforce\r\nmx: Mail.example.com\nmx: *.example.net\r\nnew: thing\nmax_age: 604800\r\n';
  const policy = parseStsPolicy(text);
  deepStrictEqual(policy, {
    mode: 'enforce',
    maxAgeSeconds: 604_800,
    hosts: ['mail.example.com', '*.example.net'],
  });
  for (const [host, allowed] of [
    ['mail.example.com', true],
    ['MAIL.example.com.', true],
    ['a.example.net', true],
    ['a.b.example.net', false],
    ['example.net', false],
    ['.example.net', false],
    ['evil-example.net', false],
    ['', false],
  ] as const) {
    strictEqual(policy && stsAllows(policy, host), allowed, host);
  }
  strictEqual(
    parseStsPolicy('version: STSv1\nmode: none\nmax_age: 9999999999')?.maxAgeSeconds,
    maxAgeSecondsMax,
  );
});

test('what makes no sense is no policy', () => {
  const most = 'version: STSv1\nmode: testing\nmx: a\nmax_age: 1\n';
  strictEqual(parseStsPolicy(most)?.mode, 'testing');
  for (const text of [
    '',
    '\n\n',
    `x: y\n${most}`,
    most.replace('STSv1', 'STSv2'),
    most.replace('testing', 'strict'),
    most.replace('mx: a\n', ''),
    most.replace('max_age: 1', 'max_age: -1'),
    most.replace('max_age: 1', 'max_age: 12345678901'),
    most.replace('max_age: 1', ''),
    most + 'mx: a\n'.repeat(policyHostsMax),
  ]) {
    strictEqual(parseStsPolicy(text), undefined, text.slice(0, 100));
  }
});

test('no text of few letters makes trouble', () => {
  for (const text of everyText('m:\n ')) strictEqual(parseStsPolicy(text), undefined);
});
