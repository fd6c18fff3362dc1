/** Manual pages in the man macros. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type Manual, roff } from '../../src/manual/index.ts';

const manual: Manual = {
  name: 'example',
  section: 8,
  purpose: 'be an example',
  synopsis: ['-n FILE', '--help'],
  description: ['.qmail begins with a dot.', "'quoted' begins with an apostrophe; C:\\x holds a backslash."],
  options: [{ letter: 'n', name: 'print', text: 'Print.' }],
  exitCodes: [['0', 'Done.']],
  bugs: ['None is known.'],
  seeAlso: ['other-page(1)', 'third(5)'],
};

test('every section that has something stands in its place', () => {
  deepStrictEqual(roff(manual).split('\n'), [
    '.TH EXAMPLE 8 "" mini-qmail',
    '.SH NAME',
    'example \\- be an example',
    '.SH SYNOPSIS',
    '.B example',
    '\\-n FILE',
    '.br',
    '.B example',
    '\\-\\-help',
    '.SH DESCRIPTION',
    '\\&.qmail begins with a dot.',
    '.PP',
    "\\&'quoted' begins with an apostrophe; C:\\ex holds a backslash.",
    '.SH OPTIONS',
    '.TP',
    '.B \\-n, \\-\\-print',
    'Print.',
    '.SH EXIT CODES',
    '.TP',
    '.B 0',
    'Done.',
    '.SH BUGS',
    'None is known.',
    '.SH SEE ALSO',
    'other\\-page(1), third(5)',
    '',
  ]);
});

test('no text of a manual becomes a request', () => {
  const hostile = { ...manual, description: ['.so /etc/passwd', "'so x"], bugs: ['.sp'] };
  const requests = roff(hostile)
    .split('\n')
    .filter((line) => line.startsWith('.') || line.startsWith("'"))
    .map((line) => line.split(' ')[0]);
  const known = ['.TH', '.SH', '.B', '.br', '.PP', '.TP'];
  deepStrictEqual(
    requests.filter((request) => !known.includes(request ?? '')),
    [],
  );
});

test('the page of a format has no synopsis', () => {
  const lines = roff({ ...manual, section: 5, synopsis: [] }).split('\n');
  deepStrictEqual(lines.slice(0, 4), [
    '.TH EXAMPLE 5 "" mini-qmail',
    '.SH NAME',
    'example \\- be an example',
    '.SH DESCRIPTION',
  ]);
});
