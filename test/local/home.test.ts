import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findQmailFile, openHome, qmailFileNames, stickyHome } from '../../src/local/home.ts';
import { temporaryDirectory } from '../support/home.ts';

function homeWith(mode: number): string {
  const home = temporaryDirectory();
  chmodSync(home, mode);
  return home;
}

function textOfHome(home: string): string {
  const opened = openHome(home);
  return opened.ok ? assert.fail('was accepted') : `${opened.answer.verdict}${opened.answer.text}`;
}

test('a home that anybody may write to defers, one that the group may write to does not', () => {
  assert.match(textOfHome(homeWith(0o757)), /^Z.*\(#4\.7\.0\)\n$/);
  assert.deepEqual(openHome(homeWith(0o775)), { ok: true, sticky: false });
  assert.deepEqual(openHome(homeWith(0o700)), { ok: true, sticky: false });
});

test('a sticky home is told from others', () => {
  assert.deepEqual(openHome(homeWith(0o1755)), { ok: true, sticky: true });
  assert.match(stickyHome().text, /\(#4\.2\.1\)\n$/);
});

test('a home that is missing, or no directory, defers and is named', () => {
  assert.match(textOfHome('/nonexistent/home'), /^Z.*\/nonexistent\/home.*\(#4\.3\.0\)\n$/);
  assert.match(textOfHome('/dev/null'), /^Z.*\/dev\/null.*\(#4\.3\.0\)\n$/);
  assert.match(textOfHome(''), /^Z/);
});

test('.qmail files are looked for from the exact name to the shortest default', () => {
  assert.deepEqual(qmailFileNames('', ''), ['.qmail', '.qmaildefault']);
  assert.deepEqual(qmailFileNames('-', 'Foo.Bar'), ['.qmail-foo:bar', '.qmail-default']);
  assert.deepEqual(qmailFileNames('-', 'a-b-'), [
    '.qmail-a-b-',
    '.qmail-a-b-default',
    '.qmail-a-default',
    '.qmail-default',
  ]);
});

test('the first that is a regular file counts', () => {
  const home = temporaryDirectory();
  assert.deepEqual(findQmailFile(home, '-', 'a-b'), { state: 'absent' });
  writeFileSync(`${home}/.qmail-default`, '');
  assert.deepEqual(findQmailFile(home, '-', 'a-b'), { state: 'found', name: '.qmail-default', sizeBytes: 0 });
  mkdirSync(`${home}/.qmail-a-b`);
  symlinkSync('nowhere', `${home}/.qmail-a-default`);
  assert.deepEqual(findQmailFile(home, '-', 'a-b'), { state: 'found', name: '.qmail-default', sizeBytes: 0 });
  writeFileSync(`${home}/real`, 'x\n');
  symlinkSync('real', `${home}/.qmail-a`);
  assert.deepEqual(findQmailFile(home, '-', 'A'), { state: 'found', name: '.qmail-a', sizeBytes: 2 });
});

test('an extension that no file can have is just not there', () => {
  assert.deepEqual(findQmailFile(temporaryDirectory(), '-', 'x'.repeat(3000)), { state: 'absent' });
  assert.deepEqual(findQmailFile(temporaryDirectory(), '-', '../../etc/passwd'), { state: 'absent' });
});

test('a .qmail file that anybody may write to defers', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, './Mailbox\n');
  chmodSync(`${home}/.qmail`, 0o666);
  const found = findQmailFile(home, '', '');
  assert.equal(found.state, 'refused');
  assert.match(found.state === 'refused' ? found.answer.text : '', /\(#4\.7\.0\)\n$/);
});
