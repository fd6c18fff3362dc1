import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstructions } from '../../src/local/instruction.ts';

function listOf(text: string) {
  const parsed = parseInstructions(text);
  return parsed.ok ? parsed.list : assert.fail(parsed.answer.text);
}

function refusalOf(text: string, forwardOnly?: boolean): string {
  const parsed = parseInstructions(text, forwardOnly);
  return parsed.ok ? assert.fail('was accepted') : `${parsed.answer.verdict}${parsed.answer.text}`;
}

test('the first byte decides what a line is, a final slash between Maildir and mbox', () => {
  assert.deepEqual(listOf('./Maildir/\n./Mailbox\n/var/spool/x/\n/var/mail/x\n.hidden\n'), [
    { kind: 'maildir', path: './Maildir/' },
    { kind: 'mbox', path: './Mailbox' },
    { kind: 'maildir', path: '/var/spool/x/' },
    { kind: 'mbox', path: '/var/mail/x' },
    { kind: 'mbox', path: '.hidden' },
  ]);
  assert.deepEqual(listOf('|exit 0\n&a@b.c\nd@e.f\n&\nMaildir/\n foo\n'), [
    { kind: 'program', command: 'exit 0' },
    { kind: 'forward', address: 'a@b.c' },
    { kind: 'forward', address: 'd@e.f' },
    { kind: 'forward', address: '' },
    { kind: 'forward', address: 'Maildir/' },
    { kind: 'forward', address: ' foo' },
  ]);
});

test('comments and later blank lines count for nothing; blanks at the end of a line do not either', () => {
  assert.deepEqual(listOf('# mine\n\n \t\n./Mailbox \t\n\n#./Other'), [{ kind: 'mbox', path: './Mailbox' }]);
  assert.deepEqual(listOf('#'), []);
});

test('the last line may lack its LF, and a CR is a byte like any other', () => {
  assert.deepEqual(listOf('./a\n./b'), listOf('./a\n./b\n'));
  assert.deepEqual(listOf('./Maildir/\r\n'), [{ kind: 'mbox', path: './Maildir/\r' }]);
});

test('a blank first line defers: something has gone wrong with the file', () => {
  for (const text of ['', '\n', ' \n', '\t', '\n./Mailbox\n']) {
    assert.match(refusalOf(text), /^Z.*\(#4\.2\.1\)\n$/);
  }
});

test('+list and an x bit leave forwards only; other words after + mean nothing', () => {
  assert.match(refusalOf('+list\n./Mailbox\n'), /^Z.*\(#4\.7\.0\)\n$/);
  assert.match(refusalOf('./Mailbox\n+list\n|exit 0\n'), /^Z.*\(#4\.7\.0\)\n$/);
  assert.match(refusalOf('./Mailbox', true), /^Z.*\(#4\.7\.0\)\n$/);
  assert.deepEqual(listOf('./Mailbox\n+list\na@b.c\n'), [
    { kind: 'mbox', path: './Mailbox' },
    { kind: 'forward', address: 'a@b.c' },
  ]);
  assert.deepEqual(listOf('+foo\n+listing\n+\n./Mailbox\n'), [{ kind: 'mbox', path: './Mailbox' }]);
});
