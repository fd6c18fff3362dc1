import { match, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openRegister } from '../../../src/serve/satellites/register.ts';
import { temporaryDirectory } from '../../support/home.ts';

const pin = (digit: number) => `sha256:${String(digit).repeat(64)}`;

function opened() {
  const directory = `${temporaryDirectory()}/satellites`;
  mkdirSync(directory);
  let nowMs = 0;
  const lines: string[] = [];
  const register = openRegister({ directory, monotonic: () => nowMs, log: (line) => lines.push(line) });
  return {
    directory,
    lines,
    write: (name: string, text: string) => writeFileSync(`${directory}/${name}`, text),
    who: (digit: number) => register.find(pin(digit))?.name,
    register,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

test('files that come, change and go are seen at once', () => {
  const { directory, write, who, register } = opened();
  strictEqual(who(1), undefined);
  write('box', `key ${pin(1)}\n`);
  strictEqual(who(1), 'box');
  write('box', `key ${pin(1)}\nrevoked\n`);
  strictEqual(register.find(pin(1))?.policy.revoked, true);
  renameSync(`${directory}/box`, `${directory}/web`);
  strictEqual(who(1), 'web');
  unlinkSync(`${directory}/web`);
  strictEqual(who(1), undefined);
});

test('a key that is written into a file in place is seen after a second', () => {
  const { write, who, pass } = opened();
  write('box', `key ${pin(1)}\n`);
  strictEqual(who(1), 'box');
  write('box', `key ${pin(2)}\n`);
  strictEqual(who(2), undefined);
  pass(1000);
  strictEqual(who(2), 'box');
  strictEqual(who(1), undefined);
});

test('a file that makes no sense is nobody, and the log says so once', () => {
  const { write, who, lines } = opened();
  write('box', `key ${pin(1)}\nnonsense\n`);
  strictEqual(who(1), undefined);
  strictEqual(who(1), undefined);
  strictEqual(lines.length, 1);
  match(lines[0] ?? '', /^alert: control\/satellites\/box: nonsense: there is no such word$/);
  write('box', `key ${pin(1)}\nnonsense\n`);
});

test('a good file that is spoilt in place lets nothing pass any more', () => {
  const { write, who } = opened();
  write('box', `key ${pin(1)}\n`);
  strictEqual(who(1), 'box');
  write('box', `key ${pin(1)}\nsendres @x\n`);
  strictEqual(who(1), undefined);
});

test('two with one key are told of; other files are none', () => {
  const { directory, write, who, lines } = opened();
  mkdirSync(`${directory}/.requests`);
  mkdirSync(`${directory}/folder`);
  write('a', `key ${pin(1)}\n`);
  write('b', `key ${pin(1)}\n`);
  write('B~', `key ${pin(3)}\n`);
  ok(who(1) !== undefined);
  strictEqual(who(3), undefined);
  ok(lines.includes('alert: control/satellites: b and a have the same key'));
});

test('without a directory nobody is known', () => {
  const { directory, who, lines } = opened();
  rmSync(directory, { recursive: true });
  strictEqual(who(1), undefined);
  match(lines[0] ?? '', /^alert: control\/satellites: ENOENT/);
});
