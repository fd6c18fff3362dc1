import { deepStrictEqual, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { aliasRecords } from '../../src/alias/aliases.ts';
import { linesOf } from '../support/lines-of.ts';

const completion = { host: 'h.x', domain: 'd.x', plus: 'p.x' };

function compile(text: string) {
  const warnings: string[] = [];
  const warn = (warning: string) => void warnings.push(warning);
  return { records: [...aliasRecords({ lines: linesOf(text), completion, warn })], warnings };
}

test('an alias file becomes records, recipients from right to left', () => {
  deepStrictEqual(
    compile(`# comment
  of two lines

Root: ann, bob@b+,
  "|vac ann", :include:/l
owner-List: ann
list@h.x (a list): :include:"m n"
@v.x: ann
`).records,
    [
      [':root@', '/l.bin\0!vac ann\0&bob@b.p.x\0&ann@h.x\0'],
      ['?list@', 'owner-List@h.x'],
      [':owner-list@', '&ann@h.x\0'],
      [':list@h.x', './m n.bin\0'],
      [':@v.x', '&ann@h.x\0'],
    ],
  );
});

test('a last line without its end is left out, and that is said', () => {
  const { records, warnings } = compile('a: b\nc: d');
  deepStrictEqual(records, [[':a@', '&b@h.x\0']]);
  match(warnings[0] ?? '', /no newline/);
  deepStrictEqual(compile('a: b\n# c').warnings, []);
});

test('what stays refused', () => {
  const cases: readonly (readonly [text: string, verdict: string, reason: RegExp])[] = [
    ['a:\n', 'Z', /unable to parse this line: a:/],
    ['"|prog"\n', 'Z', /unable to parse/],
    ['a: <>\n', 'Z', /empty recipient/],
    ['a: /var/mail/a\n', 'Z', /file delivery \/var\/mail\/a not supported/],
    ['a: "|b\0c"\n', 'Z', /NUL not permitted in program names/],
    ['a: "b\0c"\n', 'Z', /NUL not permitted in recipient addresses/],
    [`a: ${'b'.repeat(797)}\n`, 'D', /over 800 bytes/],
    ['a: "b\n', 'Z', /unable to parse/],
    [`a:\n${' b'.repeat(3 * 1024 * 1024)}\n`, 'Z', /more than 4194304 bytes/],
  ];
  for (const [text, verdict, message] of cases) throws(() => compile(text), { verdict, message });
});
