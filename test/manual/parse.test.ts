/** A command line read by a program's own option table. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Manual, parseCommandLine } from '../../src/manual/index.ts';

const manual: Manual = {
  name: 'example',
  section: 1,
  purpose: 'be an example',
  synopsis: [''],
  description: [],
  options: [
    { letter: 'f', aliases: 'r', name: 'sender', value: 'SENDER', text: '' },
    { letter: 'n', name: 'print', text: '' },
    { letter: 'N', name: 'send', text: '' },
    { letter: 'q', name: 'flush', value: 'INTERVAL', attachedOnly: true, text: '' },
  ],
  exitCodes: [],
};

function line(...args: readonly string[]) {
  const parsed = parseCommandLine(manual, args, { permute: true });
  ok(parsed.ok);
  return parsed.line;
}

test('switches, and which of two came last', () => {
  deepStrictEqual([line('-n').has('print'), line('-n').has('send')], [true, false]);
  strictEqual(line('-nNn').last('print', 'send'), 'print');
  strictEqual(line('-nN').last('print', 'send'), 'send');
  strictEqual(line().last('print', 'send'), undefined);
});

test('values stay the texts that they are, the last one counts', () => {
  for (const value of ['', '0', '007', 'true', 'false', 'a=b', '--x', 'a\nb', 'caf\xe9', '1e3', ' ']) {
    strictEqual(line('-f', value).value('sender'), value);
  }
  deepStrictEqual(line('-fa', '-r', 'b').values('sender'), ['a', 'b']);
  strictEqual(line('-fa', '-r', 'b').value('sender'), 'b');
  strictEqual(line().value('sender'), undefined);
  deepStrictEqual(line().values('sender'), []);
  strictEqual(line('-q').value('flush'), '');
});

test('operands stay the texts that they are', () => {
  deepStrictEqual(line('007', '1e3', '', 'true', '-n', '--', '-x', '--', '--y=z').operands, [
    '007',
    '1e3',
    '',
    'true',
    '-x',
    '--',
    '--y=z',
  ]);
});

test('what the table does not know is a problem', () => {
  deepStrictEqual(parseCommandLine(manual, ['-x']), { ok: false, problem: 'illegal option -- x' });
  strictEqual(parseCommandLine(manual, ['--__proto__=x']).ok, false);
});

test('any value and any operand come back unchanged', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (value, operands) => {
      const read = line('--sender', value, '--', ...operands);
      deepStrictEqual([read.value('sender'), read.operands], [value, operands]);
    }),
  );
});
