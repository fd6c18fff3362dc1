import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  makeSatelliteDirectories,
  openSatelliteFiles,
  replaceFile,
  revoked,
  withKey,
  withoutKey,
} from '../../src/programs/satellite-files.ts';
import { temporaryDirectory } from '../support/home.ts';

const [one, two, three] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];

test('a file is replaced as a whole, with its mode', () => {
  const directory = temporaryDirectory();
  replaceFile(`${directory}/key`, 'one', 0o400);
  replaceFile(`${directory}/key`, 'two', 0o600);
  strictEqual(readFileSync(`${directory}/key`, 'latin1'), 'two');
  strictEqual(statSync(`${directory}/key`).mode & 0o777, 0o600);
  deepStrictEqual(readdirSync(directory), ['key']);
});

test('keys come and go, and the rest of the file stays as its writer wrote it', () => {
  const text = `# the web server\nkey ${one}\nsenders @web.example\n`;
  const both = withKey(text, two);
  strictEqual(both, `${text}key ${two}\n`);
  strictEqual(withKey(both, one), both);
  throws(() => withKey(both, three), /it has 2 keys: drop one of them first/);
  strictEqual(withoutKey(both, two), text);
  throws(() => withoutKey(text, two), /it has no key sha256:2/);
  strictEqual(withKey('', one), `key ${one}\n`);
});

test('a satellite is revoked once, and may send again', () => {
  const text = `key ${one}\nrate 5/m`;
  strictEqual(revoked(text), `${text}\nrevoked\n`);
  strictEqual(revoked(revoked(text)), revoked(text));
  strictEqual(withKey(revoked(text), one), `${text}\n`);
});

test('the files of satellites have names, and make sense', () => {
  const directory = `${temporaryDirectory()}/satellites`;
  throws(() => openSatelliteFiles(directory), /is missing: qmail-satellites init makes it/);
  makeSatelliteDirectories(directory, undefined);
  makeSatelliteDirectories(directory, undefined);
  const files = openSatelliteFiles(directory);
  files.write('box', `key ${one}\n`);
  writeFileSync(`${directory}/.heard/box`, '1 2 3 4\n');
  throws(() => files.write('box', 'nonsense\n'), /no such word/);
  for (const name of ['', '../x', '.requests', 'A', 'a b', '-x', 'x'.repeat(65)])
    throws(() => files.write(name, ''), /a satellite's name is made of/, name);
  files.rename('box', 'web');
  deepStrictEqual(files.names(), ['web']);
  match(files.text('web') ?? '', /^key/);
  strictEqual(files.text('box'), undefined);
  strictEqual(existsSync(`${directory}/.heard/web`), true);
  files.write('box', '');
  throws(() => files.rename('box', 'web'), /there is a satellite web/);
});
