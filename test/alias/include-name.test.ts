import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { includeName } from '../../src/alias/include-name.ts';
import { tokenise } from '../../src/mail/index.ts';

const nameOf = (text: string) => includeName(tokenise(text) ?? []);

test('a name that could be taken for an address gets a directory', () => {
  strictEqual(nameOf('/a/b.c'), '/a/b.c');
  strictEqual(nameOf('./a'), './a');
  strictEqual(nameOf('"a b"'), './a b');
});

test('what is no name', () => {
  throws(() => nameOf(''), /empty :include: filenames/);
  throws(() => nameOf('"/a\0b"'), /NUL not permitted/);
});
