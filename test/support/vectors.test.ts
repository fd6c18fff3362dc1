/** The judge of the vectors: what it takes for agreement, for a deviation by rule, and for a difference. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { enhancedCodes, settle, withoutPlaces, withPlaces } from './vector-pattern.ts';
import { judge, type Rule } from './vectors.ts';

const recorded = {
  name: 'case',
  argv: ['-x'],
  exit: 100,
  stdout: '<LEN>:Kok <TIME> qp <PID>,',
  stderr: 'no (#5.1.3)\n',
};
const same = { exit: 100, stdout: '30:Kok 1700000000 qp 12345678901,', stderr: 'other words (#5.1.3)' };

const rule: Rule<typeof recorded> = {
  reason: 'the exit codes of sysexits',
  applies: ({ argv }) => argv.includes('-x'),
  expect: () => ({ exit: 64 }),
};

test('placeholders match their like, and of stderr the codes alone count', () => {
  strictEqual(judge(recorded, same, {}).judgement, 'agree');
  strictEqual(judge(recorded, { ...same, stdout: '30:Kok x qp 1,' }, {}).judgement, 'differ');
  strictEqual(judge(recorded, { ...same, stderr: 'no (#5.1.2)' }, {}).judgement, 'differ');
});

test('a rule replaces what was recorded, and what it does not name must still agree', () => {
  const { judgement, reasons } = judge(recorded, { ...same, exit: 64 }, { rules: [rule] });
  deepStrictEqual([judgement, reasons], ['deviate', [rule.reason]]);
  strictEqual(judge(recorded, same, { rules: [rule] }).judgement, 'agree');
  strictEqual(judge(recorded, { ...same, exit: 65 }, { rules: [rule] }).judgement, 'differ');
  strictEqual(judge(recorded, { ...same, exit: 64, stderr: '' }, { rules: [rule] }).judgement, 'differ');
  strictEqual(judge({ ...recorded, argv: [] }, { ...same, exit: 64 }, { rules: [rule] }).judgement, 'differ');
});

test('an outcome that answers nothing that was recorded is a difference', () => {
  strictEqual(judge(recorded, { files: {} }, {}).judgement, 'differ');
});

test('placeholders stand in names and in lists too', () => {
  const files = { 'new/<UNIQ>': '<DATE>\n', list: ['<UID>', 'x'] };
  deepStrictEqual(settle(files, { 'new/1.2.h': '5 Nov 2026 08:44:38 -0000\n', list: ['7', 'x'] }), files);
  strictEqual(settle('<<MSGID>@h>', '<20261105084438.123.qmail@h>'), '<<MSGID>@h>');
  strictEqual(settle('a<PID>b', 'a12'), 'a12');
});

test('places are put into inputs and taken out of what came back', () => {
  const places = { '<HOME>': '/tmp/a', '<TMP>': '/tmp' };
  deepStrictEqual(withPlaces({ argv: ['<HOME>/x', 7] }, places), { argv: ['/tmp/a/x', 7] });
  deepStrictEqual(withoutPlaces(['/tmp/a/x /tmp/b'], places), ['<HOME>/x <TMP>/b']);
});

test('enhanced codes are found in order', () => {
  deepStrictEqual(enhancedCodes('a (#5.1.3) b (#4.4.1)'), ['(#5.1.3)', '(#4.4.1)']);
  deepStrictEqual(enhancedCodes(undefined), []);
});
