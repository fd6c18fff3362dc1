/** Command lines as callers write them, turned into long options. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OptionManual } from '../../src/manual/index.ts';
import { normalise } from '../../src/manual/normalise.ts';

const options: readonly OptionManual[] = [
  { letter: 'f', aliases: 'r', name: 'sender', value: 'SENDER', letterOnly: true, text: '' },
  { letter: 'n', name: 'print', text: '' },
  { letter: 't', name: 'header', text: '' },
  { letter: 'q', name: 'flush', value: 'INTERVAL', attachedOnly: true, text: '' },
  { name: 'listen', value: 'ADDRESS', text: '' },
];

function read(args: readonly string[], permute = false) {
  const result = normalise(args, { options, permute });
  return result.ok ? [...result.options, '|', ...result.operands] : result.problem;
}

test('letters alone, in clusters, and with their values attached or behind them', () => {
  deepStrictEqual(read(['-n', '-tn']), ['--print', '--header', '--print', '|']);
  deepStrictEqual(read(['-fa', '-f', 'b', '-tfc', '-rd']), [
    '--sender=a',
    '--sender=b',
    '--header',
    '--sender=c',
    '--sender=d',
    '|',
  ]);
  deepStrictEqual(read(['-f', '']), ['--sender=', '|']);
  deepStrictEqual(read(['-f', '-n']), ['--sender=-n', '|']);
  deepStrictEqual(read(['-f=x']), ['--sender==x', '|']);
});

test('a value that may be left out is taken only when it is attached', () => {
  deepStrictEqual(read(['-q', '15m']), ['--flush=', '|', '15m']);
  deepStrictEqual(read(['-nq15m']), ['--print', '--flush=15m', '|']);
  deepStrictEqual(read(['--flush', 'x']), ['--flush=', '|', 'x']);
  deepStrictEqual(read(['--flush=1h']), ['--flush=1h', '|']);
});

test('long options', () => {
  deepStrictEqual(read(['--listen', 'a', '--listen=b=c', '--print']), [
    '--listen=a',
    '--listen=b=c',
    '--print',
    '|',
  ]);
  deepStrictEqual(read(['--sender=x']), 'illegal option -- --sender');
  deepStrictEqual(read(['--print=x']), 'option takes no argument -- --print');
  deepStrictEqual(read(['--listen']), 'option requires an argument -- --listen');
});

test('operands end the options, unless options may stand behind them; -- always does', () => {
  deepStrictEqual(read(['a', '-n']), ['|', 'a', '-n']);
  deepStrictEqual(read(['a', '-n', 'b'], true), ['--print', '|', 'a', 'b']);
  deepStrictEqual(read(['a', '--', '-n'], true), ['|', 'a', '-n']);
  deepStrictEqual(read(['-n', '--', '-t', '--']), ['--print', '|', '-t', '--']);
  deepStrictEqual(read(['-', '-n']), ['|', '-', '-n']);
  deepStrictEqual(read(['', '-n']), ['|', '', '-n']);
});

test('what is wrong is named', () => {
  deepStrictEqual(read(['-x']), 'illegal option -- x');
  deepStrictEqual(read(['-nf']), 'option requires an argument -- f');
});

test('any arguments are read, and what follows -- comes back as it is', () => {
  const argument = fc.oneof(
    fc.string(),
    fc.constantFrom('-n', '-f', '--', '-q1', '--listen', '--print', '-tf'),
  );
  fc.assert(
    fc.property(fc.array(argument), fc.array(fc.string()), (args, operands) => {
      normalise([...args], { options });
      deepStrictEqual(read(['-n', '--', ...operands]), ['--print', '|', ...operands]);
    }),
  );
});
