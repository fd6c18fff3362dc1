import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { argumentBytes, environmentBytes, nativePath, nativeText } from '../../../src/system/node/paths.ts';
import { temporaryDirectory } from '../../support/home.ts';

const paths = fileURLToPath(new URL('../../../src/system/node/paths.ts', import.meta.url));

const report = `
import { argumentBytes, environmentBytes } from '${paths}';
const variables = ['A', 'B', 'C', 'MISSING'].map((name) => environmentBytes(name) ?? null);
console.log(JSON.stringify([argumentBytes(process.argv.slice(2)), variables]));
`;

/** What a process finds whose arguments and variables have these bytes; a shell passes any. */
function found(args: readonly string[], env: Readonly<Record<string, string>>): unknown {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/report.ts`, report);
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const words = [process.execPath, `${directory}/report.ts`, ...args].map(quote).join(' ');
  writeFileSync(`${directory}/start`, `${variables.join('')}exec ${words}\n`, 'latin1');
  const { stdout, stderr } = spawnSync('/bin/sh', [`${directory}/start`], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('arguments and variables arrive as the bytes that they are', () => {
  const odd = 'caf\xe9 \xff\xfe';
  assert.deepEqual(found(['plain', odd, '', '\xc3\xa9', '--x=\xe9'], { A: odd, B: '\xc3\xa9', C: '' }), [
    ['plain', odd, '', '\xc3\xa9', '--x=\xe9'],
    [odd, '\xc3\xa9', '', null],
  ]);
});

test('a replacement character that was really there stays', () => {
  const replacement = '\xef\xbf\xbd';
  assert.deepEqual(found([replacement, '\xe9'], { A: replacement }), [
    [replacement, '\xe9'],
    [replacement, null, null, null],
  ]);
});

test('in this process', () => {
  assert.deepEqual(argumentBytes([]), []);
  assert.deepEqual(argumentBytes(['a', 'é']), ['a', '\xc3\xa9']);
  assert.equal(environmentBytes('MINI_QMAIL_NO_SUCH_VARIABLE'), undefined);
  assert.equal(environmentBytes('PATH'), process.env['PATH']);
});

test('a path goes to the kernel as its bytes', () => {
  assert.equal(nativePath('/plain/path'), '/plain/path');
  assert.deepEqual(nativePath('/caf\xe9'), Buffer.from('/caf\xe9', 'latin1'));
});

test('text for Node is the one that it turns into these bytes, or there is none', () => {
  assert.equal(nativeText('plain'), 'plain');
  assert.equal(nativeText('caf\xc3\xa9'), 'café');
  assert.throws(() => nativeText('caf\xe9'), { code: 'EILSEQ', message: /caf\\xe9/ });
});
