import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { openHome, stickyHome } from '../../src/local/home.ts';
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
