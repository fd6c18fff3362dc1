import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findEngine } from '../../build/tiny-engine.ts';
import { temporaryDirectory } from '../support/home.ts';

test('the engine that npm brings', () => {
  const { version, sources, others } = findEngine(undefined);
  strictEqual(version, '2021-03-27');
  ok(sources.includes('quickjs.c') && others.includes('quickjs.h') && others.includes('LICENSE'));
  ok(!sources.includes('quickjs-libc.c') && !sources.includes('qjs.c'));
});

test('another one, with the files that it has', () => {
  const directory = temporaryDirectory();
  for (const name of ['quickjs.c', 'libregexp.c', 'libunicode.c', 'dtoa.c', 'qjs.c'])
    writeFileSync(`${directory}/${name}`, '');
  const version = ['MAJOR 0', 'MINOR 12', 'PATCH 3'].map((part) => `#define QJS_VERSION_${part}\n`);
  writeFileSync(`${directory}/quickjs.h`, version.join(''));
  const engine = findEngine(directory);
  strictEqual(engine.version, '0.12.3');
  deepStrictEqual(engine.sources, ['quickjs.c', 'libregexp.c', 'libunicode.c', 'dtoa.c']);
  deepStrictEqual(engine.others, ['quickjs.h']);
});

test('a directory without one', () => {
  throws(() => findEngine(temporaryDirectory()), /does not hold the sources of QuickJS/);
  throws(() => findEngine('/nonexistent'), /\/nonexistent/);
});
