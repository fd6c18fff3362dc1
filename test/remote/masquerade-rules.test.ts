import { match, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { readMasqueradeRules } from '../../src/remote/masquerade-rules.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { everyText } from '../support/every-text.ts';
import { temporaryHome } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

const rules = (masquerade: string) =>
  readMasqueradeRules(openControl(nodeSystem([]), temporaryHome({ masquerade })));

test('the most exact rule counts, wherever it stands', () => {
  const { rewrite, isEmpty } = rules(
    '# comment\n.local:fleet.example\nbox.local:boxes.example\nRoot@Box.local:alerts@example.org\n.b.local:b@example.org\n',
  );
  strictEqual(isEmpty, false);
  for (const [address, instead] of [
    ['root@box.local', 'alerts@example.org'],
    ['ROOT@BOX.LOCAL', 'alerts@example.org'],
    ['joe@box.local', 'joe@boxes.example'],
    ['joe@a.local', 'joe@fleet.example'],
    ['Joe@a.b.local', 'b@example.org'],
    ['joe@b.local', 'joe@fleet.example'],
    ['joe@local', 'joe@local'],
    ['joe@nowhere.example', 'joe@nowhere.example'],
    ['joe', 'joe'],
    ['joe@', 'joe@'],
    ['#@[]', '#@[]'],
  ] as const) {
    strictEqual(rewrite(address), instead, address);
  }
});

test('without the file nothing is rewritten', () => {
  strictEqual(readMasqueradeRules(openControl(nodeSystem([]), temporaryHome({}))).isEmpty, true);
});

test('the first of two rules for the same counts', () => {
  strictEqual(rules('a.b:c.d\nA.B:e.f\n').rewrite('x@a.b'), 'x@c.d');
});

test('what is no rule is named, with its file', () => {
  for (const line of [
    'a.b',
    ':c.d',
    'a.b:',
    'a.b:@c',
    'a b:c',
    'a.b:c d',
    'a.b:x@c>',
    `a.b:${'x'.repeat(901)}`,
    'a@:b',
  ]) {
    throws(() => rules(`${line}\n`), /control\/masquerade: this is no rule: a?/, line);
  }
  match(rules('a.b:c.d').rewrite('"x y"@a.b'), /^"x y"@c\.d$/);
});

test('every short line is a rule, none, or said to make no sense', () => {
  for (const line of everyText('a:@.#')) {
    const { system } = memorySystem({ files: { '/home/control/masquerade': `${line}\n` } });
    try {
      const { rewrite } = readMasqueradeRules(openControl(system, '/home'));
      match(rewrite('a@a'), /.@[^@]+$/, line);
    } catch (error) {
      match(String(error), /control\/masquerade: this is no rule: /, line);
    }
  }
});
