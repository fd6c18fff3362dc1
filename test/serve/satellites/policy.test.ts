import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { forcedSender, refusalOf } from '../../../src/serve/satellites/policy.ts';
import { parseSatelliteFile } from '../../../src/serve/satellites/satellite-file.ts';

/** The refusal's letter and code, or '' when it passes. */
function verdict(
  policy: string,
  sender: string,
  recipients: readonly string[] = ['r@y'],
  bytes = 10,
): string {
  const refusal = refusalOf(parseSatelliteFile(policy), { sender, recipients }, bytes);
  return refusal === undefined ? '' : refusal.verdict + /#[\d.]+/.exec(refusal.text)?.[0];
}

test('senders', () => {
  const policy = 'senders root@a.example @b.example @.c.example';
  for (const sender of ['root@a.example', 'ROOT@A.Example', 'x@b.example', 'x@y.c.example', '', '#@[]'])
    strictEqual(verdict(policy, sender), '', sender);
  for (const sender of [
    'x@a.example',
    'root@b.example.org',
    'x@c.example',
    'x@xc.example',
    'root',
    '@',
    '@[',
  ])
    strictEqual(verdict(policy, sender), 'D#5.7.1', sender);
  strictEqual(verdict(policy, 'list-@b.example-@[]'), '');
  strictEqual(verdict(policy, 'list-@d.example-@[]'), 'D#5.7.1');
});

test('recipients, all of them', () => {
  const policy = 'recipients @y ops@z';
  strictEqual(verdict(policy, 's@x', ['r@y', 'OPS@Z']), '');
  strictEqual(verdict(policy, 's@x', ['r@y', 'r@z']), 'D#5.7.1');
});

test('size', () => {
  strictEqual(verdict('bytes 10', 's@x', ['r@y'], 10), '');
  strictEqual(verdict('bytes 10', 's@x', ['r@y'], 11), 'D#5.3.4');
});

test('without a line everything passes', () => {
  strictEqual(verdict('', 'any@where', ['r@y'], 1e9), '');
});

test('a domain is put in the place of every other, but nobody gets one', () => {
  const forced = (sender: string) => forcedSender(sender, 'box.example');
  deepStrictEqual(['root@x', 'root', 'a@b@c', '', '#@[]', 'list-@x-@[]'].map(forced), [
    'root@box.example',
    'root@box.example',
    'a@b@box.example',
    '',
    '#@[]',
    'list-@box.example-@[]',
  ]);
  strictEqual(forcedSender('root@x', undefined), 'root@x');
});
