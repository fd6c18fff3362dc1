/** --help and the usage line. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { help, type Manual, usage } from '../../src/manual/index.ts';

const manual: Manual = {
  name: 'example',
  section: 8,
  purpose: 'be an example',
  synopsis: ['[-n] FILE', ''],
  description: ['First paragraph.', 'Second paragraph.'],
  options: [
    { letter: 'f', aliases: 'r', name: 'sender', value: 'SENDER', letterOnly: true, text: 'The sender.' },
    { letter: 'q', name: 'flush', value: 'INTERVAL', attachedOnly: true, letterOnly: true, text: 'Flush.' },
    { letter: 'n', name: 'print', text: 'Print.' },
    { name: 'listen', value: 'ADDRESS', text: 'Listen.' },
  ],
  environment: [['HOME', 'Where you live.']],
  exitCodes: [['0', 'Done.']],
};

test('usage has a line for each form', () => {
  strictEqual(usage(manual), 'usage: example [-n] FILE\nusage: example');
});

test('help says what there is, and leaves out what there is not', () => {
  deepStrictEqual(help(manual).split('\n'), [
    'example - be an example',
    '',
    'usage: example [-n] FILE',
    'usage: example',
    '',
    'First paragraph.',
    '',
    'Second paragraph.',
    '',
    'Options:',
    '  -f, -r SENDER',
    '    The sender.',
    '  -q[INTERVAL]',
    '    Flush.',
    '  -n, --print',
    '    Print.',
    '  --listen ADDRESS',
    '    Listen.',
    '',
    'Environment:',
    '  HOME',
    '    Where you live.',
    '',
    'Exit codes:',
    '  0',
    '    Done.',
    '',
  ]);
});
