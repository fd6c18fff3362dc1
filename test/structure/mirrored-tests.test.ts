/** Every source file has a test file in its place under test/, and that one exercises it. */
import { deepStrictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { files, parseFiles, textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';
import { doorsOf, roomOf } from './rooms.ts';

const sources = files('src/**/*.ts', 'qmqp/**/*.ts', 'build/*.ts');
const tests = files('test/**/*.ts');
const syntax = parseFiles([...sources, ...tests]);

/** Where the test of a source file stands. */
function testOf(source: string): string {
  return `test/${source.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`;
}

/** The files that a test imports, and those that the support files among them import. */
function reached(testFile: string): readonly string[] {
  const imported = (file: string) =>
    (syntax.get(file)?.imports ?? []).map((specifier) => join(dirname(file), specifier));
  const direct = imported(testFile);
  return [...direct, ...direct.filter((file) => file.startsWith('test/support/')).flatMap(imported)];
}

/**
 * A test exercises a source when it imports it or its room's door. What is exercised by running it must be
 * named there: by its path, and a program by its name.
 */
function exercises(testFile: string, source: string): boolean {
  const room = roomOf(source);
  const entrances = [source, ...(room === undefined ? [] : doorsOf(room))];
  if (reached(testFile).some((file) => entrances.includes(file))) return true;
  const text = textOfFile(testFile);
  return text.includes(source) || (room?.path === 'src/programs' && text.includes(basename(source, '.ts')));
}

function problem(source: string): string | undefined {
  if (basename(source) === 'index.ts' || source.endsWith('.d.ts') || syntax.get(source)?.typesOnly)
    return undefined;
  const testFile = testOf(source);
  if (!existsSync(join(top, testFile))) return `${source} has no test: ${testFile} is missing`;
  return exercises(testFile, source) ? undefined : `${testFile} does not exercise ${source}`;
}

test('every source file has a test that exercises it', () => {
  deepStrictEqual(
    sources.map(problem).filter((found) => found !== undefined),
    [],
  );
});

test('files of types are told from files of code', () => {
  deepStrictEqual(syntax.get('src/system/system.ts')?.typesOnly, true);
  deepStrictEqual(syntax.get('src/system/bytes.ts')?.typesOnly, false);
});
