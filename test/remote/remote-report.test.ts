import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerOfRemote } from '../../src/remote/remote-report.ts';
import type { Answer } from '../../src/system/index.ts';

/** What qmail-rspawn makes of the same output, byte for byte; undefined where it would refuse what nothing is said of. */
function classic(output: string): Answer | undefined {
  let result: number | undefined;
  let from = 0;
  for (let at = 0; at < output.length && result === undefined; at += 1) {
    if (output[at] !== '\0') continue;
    const letter = output[from];
    if (letter === 'K') result = 1;
    if (letter === 'Z') result = 0;
    if (letter === 'D') result = -1;
    from = at + 1;
  }
  let decided = result;
  if (output[0] === 's') decided = 0;
  if (output[0] === 'h') decided = -1;
  if (decided === undefined) return undefined;
  const upToNul = (start: number) => output.slice(start).split('\0')[0] ?? '';
  const end = output.indexOf('\0', 1);
  let text = '';
  if (end >= 0) {
    text = upToNul(1);
    const next = end + 1;
    const more = (result ?? -1) <= decided && 'ZDK'.includes(output[next] ?? ' ');
    // The original reads a last record that is cut off, too, and beyond it.
    if (more && output.includes('\0', next)) text += upToNul(next + 1);
  }
  return { verdict: decided === 1 ? 'K' : decided === 0 ? 'Z' : 'D', text };
}

const cases: readonly (readonly [output: string, answer: Answer])[] = [
  ['r\0Kaccepted\n\0', { verdict: 'K', text: 'accepted\n' }],
  ['rok\n\0Kaccepted\n\0', { verdict: 'K', text: 'ok\naccepted\n' }],
  ['hno such user\n\0Kaccepted others\n\0', { verdict: 'D', text: 'no such user\n' }],
  ['sgreylisted\n\0Kaccepted others\n\0', { verdict: 'Z', text: 'greylisted\n' }],
  ['hno such user\n\0Dgiving up\n\0', { verdict: 'D', text: 'no such user\ngiving up\n' }],
  ['sgreylisted\n\0Zgiving up\n\0', { verdict: 'Z', text: 'greylisted\ngiving up\n' }],
  ['sgreylisted\n\0Dgiving up\n\0', { verdict: 'Z', text: 'greylisted\ngiving up\n' }],
  ['r\0Dtoo large\n\0', { verdict: 'D', text: 'too large\n' }],
  ['ZI could not connect\n\0', { verdict: 'Z', text: 'I could not connect\n' }],
  ['DNo such host\n\0', { verdict: 'D', text: 'No such host\n' }],
  ['Ksent\n\0', { verdict: 'K', text: 'sent\n' }],
  ['hno such user\n\0', { verdict: 'D', text: 'no such user\n' }],
  ['slater\n\0', { verdict: 'Z', text: 'later\n' }],
  ['hno\0rwhat\0Kok\0', { verdict: 'D', text: 'no' }],
  ['r\xff\xfe\0K\xe9\0', { verdict: 'K', text: '\xff\xfe\xe9' }],
];

for (const [output, answer] of cases) {
  test(`${JSON.stringify(output)}: ${answer.verdict}`, () => {
    deepStrictEqual(answerOfRemote(0, output), answer);
    deepStrictEqual(classic(output), answer);
  });
}

test('what a program ended with decides before what it said', () => {
  const output = 'r\0Kok\0';
  deepStrictEqual(answerOfRemote(undefined, output), { verdict: 'Z', text: 'qmail-remote crashed.\n' });
  deepStrictEqual(answerOfRemote(111, output), { verdict: 'Z', text: 'Unable to run qmail-remote.\n' });
  for (const code of [1, 100, 127, 255]) {
    deepStrictEqual(answerOfRemote(code, output), { verdict: 'D', text: 'Unable to run qmail-remote.\n' });
  }
  deepStrictEqual(answerOfRemote(0, ''), { verdict: 'Z', text: 'qmail-remote produced no output.\n' });
});

test('what is not said, or not to its end, is tried again', () => {
  for (const output of [
    'r\0',
    'rok',
    'Kok',
    '\0',
    '\0\0\0',
    'what?\0',
    'r\0Kcut off',
    'Usage: qmail-remote\n',
  ]) {
    const { verdict } = answerOfRemote(0, output);
    deepStrictEqual(verdict, 'Z', output);
  }
});

test('any output of records gets the answer of qmail-rspawn', () => {
  const letter = fc.constantFrom('r', 'h', 's', 'K', 'Z', 'D', '\0', 'x', '\n');
  fc.assert(
    fc.property(fc.array(letter, { minLength: 1, maxLength: 14 }), (letters) => {
      const output = letters.join('');
      const wanted = classic(output);
      const got = answerOfRemote(0, output);
      if (wanted === undefined) deepStrictEqual(got.verdict, 'Z');
      else deepStrictEqual(got, wanted, JSON.stringify(output));
    }),
    { numRuns: 5000 },
  );
});

test('any bytes at all get an answer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
      (bytes, exit) => {
        ok(['K', 'Z', 'D'].includes(answerOfRemote(exit, Buffer.from(bytes).toString('latin1')).verdict));
      },
    ),
  );
});
